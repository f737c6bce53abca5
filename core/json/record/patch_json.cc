#include "core/json/record/field_table.h"
#include "core/json/record/memory_content.h"
#include "core/kinds/memory.h"

namespace tulving {
namespace json {
namespace {

using kinds::Kind;

// The memory's field at `kPlace`, as one of its patch: what is given is set, and null is no value.
template <std::size_t kPlace>
constexpr FieldRule<MemoryPatch> patch_rule() {
  constexpr auto& field = kinds::kFieldAt<Memory, kPlace>;
  if constexpr (!field.is_patched) {
    return {};
  } else {
    return {field.name, field.use, [](const FieldValue& in, MemoryPatch& out) {
              constexpr auto& patched = kinds::kFieldAt<Memory, kPlace>;
              auto& value = (out.*patched.patch).emplace();
              if constexpr (patched.bounds.form == kinds::Form::kObject) {
                return read_json_text(in, value, true);
              } else {
                return read(in, value);
              }
            }};
  }
}

constexpr auto kPatchRules = []<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
  return std::array{patch_rule<kPlaces>()...};
}
(kinds::internal::Places<Memory>());

}  // namespace
}  // namespace json

Result<MemoryPatch> parse_patch(std::string_view json) { return parse_patch(json, {}); }

Result<MemoryPatch> parse_patch(std::string_view json, const RecordDefaults& defaults) {
  const auto object = json::parse_object("the patch", json);
  if (!object) return object.error();
  MemoryPatch patch;
  json::MemoryContent content;
  const auto special = [&](const json::FieldValue& in, bool& taken) {
    return content.take(in, taken);
  };
  if (auto status = json::read_members(*object, json::kPatchRules, defaults, patch, special);
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
