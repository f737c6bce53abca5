#include <utility>

#include "core/json/record/record_fields.h"

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

template <class Struct, std::size_t kCount>
void write_fields(ObjectWriter& out, const FieldRule<Struct> (&rules)[kCount],
                  const Struct& record) {
  for (const auto& rule : rules) {
    if (rule.write != nullptr) rule.write(out, rule.name, record);
  }
}

void write_head(ObjectWriter& out, std::string_view kind, std::string_view tenant_id) {
  out.member("kind", kind);
  if (!tenant_id.empty()) out.member("tenant_id", tenant_id);
}

void write_embeddings(ObjectWriter& out, const std::vector<Embedding>& embeddings) {
  if (embeddings.empty()) return;
  // The model is written out even when it is the default: another store's default may differ.
  if (embeddings.size() == 1) {
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
    object.close();
  }
  array += ']';
}

void write_record(ObjectWriter& out, std::string_view tenant_id, const Session& session) {
  write_head(out, "session", tenant_id);
  write_fields(out, kSessionFields, session);
}

void write_record(ObjectWriter& out, std::string_view tenant_id, const Relation& relation) {
  write_head(out, "relation", tenant_id);
  write_fields(out, kRelationFields, relation);
}

void write_record(ObjectWriter& out, std::string_view tenant_id, const Memory& memory) {
  write_head(out, "memory", tenant_id);
  if (!memory.text.empty()) out.member("text", memory.text);
  write_json_text<&Memory::content>(out, "content", memory);
  write_fields(out, kMemoryFields, memory);
  write_embeddings(out, memory.embeddings);
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
