#include <utility>

#include "core/json/record/field_table.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving {
namespace json {

void append_on_one_line(std::string& out, std::string_view json) {
  const std::size_t start = out.size();
  out += json;
  for (std::size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
  }
}

namespace {

void write_embeddings(ObjectWriter& out, const std::vector<Embedding>& embeddings) {
  if (embeddings.empty()) return;
  // The model is written out even when it is the default: another store's default may differ.
  if (embeddings.size() == 1 && embeddings.front().passages == 1) {
    out.member("embedding_model", embeddings.front().model);
    out.member("embedding", embeddings.front().vector);
    return;
  }
  std::string& array = out.key("embeddings");
  char before = '[';
  for (const auto& embedding : embeddings) {
    array += std::exchange(before, ',');
    ObjectWriter object(array);
    object.member("model", embedding.model);
    object.member("vector", embedding.vector);
    if (embedding.passages != 1) object.member("passages", embedding.passages);
    object.close();
  }
  array += ']';
}

void write_content(ObjectWriter& out, const Memory& memory) {
  if (!memory.text.empty()) out.member("text", memory.text);
  if (!memory.content.empty()) append_on_one_line(out.key("content"), memory.content);
}

template <class Record>
void write_record(ObjectWriter& out, std::string_view tenant_id, const Record& record) {
  out.member("kind", kinds::Kind<Record>::name);
  if (!tenant_id.empty()) out.member("tenant_id", tenant_id);
  if constexpr (std::is_same_v<Record, Memory>) write_content(out, record);
  write_fields(out, record, Shown::kChanged);
  if constexpr (std::is_same_v<Record, Memory>) write_embeddings(out, record.embeddings);
}

}  // namespace
}  // namespace json

std::string to_json_line(std::string_view tenant_id, const Record& record) {
  std::string line;
  json::ObjectWriter out(line);
  std::visit([&](const auto& kind) { json::write_record(out, tenant_id, kind); }, record);
  out.close();
  return line;
}

}  // namespace tulving
