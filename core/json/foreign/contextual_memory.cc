// contextual_memory_pc2: a memory a row, {"context_id", "session_id", "context_data", "embedding",
// "created_at", "expires_at", "source_agent", "tags"}.

#include "core/json/foreign/foreign.h"
#include "core/json/foreign/foreign_values.h"

namespace tulving::json {
namespace {

Status context_session(const FieldValue& in, ForeignMemory& out) {
  return read_foreign_id(in, out.memory.session_id);
}
Status context_embedding(const FieldValue& in, ForeignMemory& out) {
  return read_foreign_vector(in, {}, out.memory.embeddings);
}
Status context_data(const FieldValue& in, ForeignMemory& out) {
  auto status = read_foreign_content(in, "value", out.memory);
  if (status) say_content(out.memory);
  return status;
}

constexpr ForeignMember<ForeignMemory> kContextMembers[] = {
    {"context_id", &memory_name<>},
    {"session_id", &context_session},
    {"user_id", &memory_field<&Memory::user_id>},
    {"agent_id", &memory_field<&Memory::agent_id>},
    {"context_data", &context_data},
    {"embedding", &context_embedding},
    {"created_at", &memory_time<&Memory::created_at>},
    {"updated_at", &memory_time<&Memory::updated_at>},
    {"expires_at", &memory_time<&Memory::expires_at>},
    {"source_agent", &memory_field<&Memory::source_agent>},
    {"tags", &memory_tags<>},
    {"metadata", &memory_metadata<>},
};

bool is_context(const JsonValue& object) {
  bool is_it = false;
  object.each_member([&](std::string_view key, JsonValue) {
    is_it = is_it || key == "context_data";
    return true;
  });
  return is_it;
}

Result<ForeignRow> read_context(const ForeignEntry& entry, const RecordDefaults& defaults) {
  if (!is_context(entry.value)) return ForeignRow{.is_other = true};
  ForeignMemory in;
  auto status = read_foreign(entry.value, kContextMembers, defaults, in, in.metadata);
  if (in.name.empty()) in.name = entry.key;
  if (status) status = identify(defaults.tenant_id, in.name, "context_id", in.memory, in.metadata);
  if (!status) return status.error();
  auto metadata = in.metadata.json(kContextualMemory.name);
  if (!metadata) return metadata.error();
  in.memory.metadata = *std::move(metadata);
  for (Embedding& embedding : in.memory.embeddings) embedding.model = defaults.embedding_model;
  ForeignRow row;
  row.records.emplace_back(std::move(in.memory));
  return row;
}

constexpr std::string_view kContextEnvelopes[] = {"contexts", "contextual_memory_pc2"};

}  // namespace

const ForeignFormat kContextualMemory = {.name = "contextual_memory_pc2",
                                         .system = "contextual_memory_pc2",
                                         .entry = "\"context_data\"",
                                         .shape = {.envelopes = kContextEnvelopes},
                                         .is_like = &is_context,
                                         .read_row = &read_context,
                                         .makes_sessions = true};

}  // namespace tulving::json
