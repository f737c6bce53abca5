// Mem0: what get_all() and the platform's export give, {"results": [{"id", "memory", ...}]}, the
// array by itself, or a memory a line.

#include "core/json/foreign/foreign.h"
#include "core/json/foreign/foreign_values.h"

namespace tulving::json {
namespace {

// The last day on which the memory is seen, in UTC; ours is the moment from which it is not.
Status mem0_expiry(const FieldValue& in, ForeignMemory& out) {
  auto status = read_foreign_time(in, out.memory.expires_at);
  const bool is_date = in.value.kind() == JsonKind::kString && in.value.as_string().size() == 10;
  if (status && is_date) *out.memory.expires_at += std::chrono::hours(24);
  return status;
}

constexpr ForeignMember<ForeignMemory> kMem0Members[] = {
    {"id", &memory_name<>},
    {"memory", &memory_field<&Memory::text>},
    {"user_id", &memory_field<&Memory::user_id>},
    {"agent_id", &memory_field<&Memory::agent_id>},
    {"app_id", &memory_field<&Memory::project_id>},
    {"run_id", &memory_field<&Memory::session_id>},
    {"actor_id", &memory_field<&Memory::source_agent>},
    {"metadata", &memory_metadata<>},
    {"categories", &memory_tags<>},
    {"created_at", &memory_time<&Memory::created_at>},
    {"updated_at", &memory_time<&Memory::updated_at>},
    {"expiration_date", &mem0_expiry},
    {"hash", nullptr},  // MD5 of the text, which the store has of its own.
};

bool is_like_mem0(const JsonValue& object) {
  bool is_like = false;
  object.each_member([&](std::string_view key, JsonValue value) {
    is_like = (key == "memory" && value.kind() == JsonKind::kString) ||
              (key == "results" && value.kind() == JsonKind::kArray);
    return !is_like;
  });
  return is_like;
}

Result<ForeignRow> read_mem0(const ForeignEntry& entry, const RecordDefaults& defaults) {
  ForeignMemory in;
  bool has_text = false;
  entry.value.each_member([&](std::string_view key, JsonValue) {
    has_text = has_text || key == "memory";
    return true;
  });
  if (!has_text) return ForeignRow{.is_other = true};
  auto status = read_foreign(entry.value, kMem0Members, defaults, in, in.metadata);
  if (status) status = identify(defaults.tenant_id, in.name, "id", in.memory, in.metadata);
  if (!status) return status.error();
  auto metadata = in.metadata.json(kMem0.name);
  if (!metadata) return metadata.error();
  in.memory.metadata = *std::move(metadata);
  ForeignRow row;
  row.records.emplace_back(std::move(in.memory));
  return row;
}

// Relations, of its graph, join names and not memories: each is refused.
constexpr std::string_view kMem0Envelopes[] = {"results", "memories", "relations"};

}  // namespace

const ForeignFormat kMem0 = {.name = "mem0",
                             .system = "Mem0",
                             .entry = "\"memory\"",
                             .shape = {.envelopes = kMem0Envelopes},
                             .is_like = &is_like_mem0,
                             .read_row = &read_mem0,
                             .makes_sessions = true};

}  // namespace tulving::json
