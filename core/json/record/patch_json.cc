#include "core/json/record/memory_content.h"
#include "core/json/record/record_fields.h"

namespace tulving {

Result<MemoryPatch> parse_patch(std::string_view json) { return parse_patch(json, {}); }

Result<MemoryPatch> parse_patch(std::string_view json, const RecordDefaults& defaults) {
  const auto object = json::parse_object("the patch", json);
  if (!object) return object.error();
  MemoryPatch patch;
  json::MemoryContent content;
  const auto special = [&](const json::FieldValue& in, bool& taken) {
    return content.take(in, taken);
  };
  if (auto status = json::read_members(*object, json::kPatchFields, defaults, patch, special);
      !status) {
    return status.error();
  }
  auto text = content.text();
  if (!text) return text.error();
  patch.text = *std::move(text);
  patch.content = content.content();
  auto embedding = content.embedding(defaults.embedding_model);
  if (!embedding) return embedding.error();
  patch.embedding = *std::move(embedding);
  return patch;
}

}  // namespace tulving
