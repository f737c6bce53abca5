// SessionMemoryAgent: a session a row, {"session_id", "conversation_history": [...],
// "session_data": {...}, "session_summary", "created_at", "last_interaction"}.

#include "core/json/foreign/foreign.h"
#include "core/json/foreign/foreign_values.h"
#include "core/json/foreign/turns.h"

namespace tulving::json {
namespace {

constexpr std::string_view kSessionLists[] = {"conversation_history"};
constexpr std::string_view kSessionEnvelopes[] = {"sessions", "SessionMemoryAgent",
                                                  "session_memory_agent"};

struct SessionRow {
  Session session;
  ForeignMetadata metadata;
  std::vector<std::pair<std::string_view, std::string>> lists;
};

template <auto kMember>
Status session_text(const FieldValue& in, SessionRow& out) {
  return read(in, out.session.*kMember);
}
template <auto kMember>
Status session_time(const FieldValue& in, SessionRow& out) {
  return read_foreign_time(in, out.session.*kMember);
}
Status session_key(const FieldValue& in, SessionRow& out) {
  return read_foreign_id(in, out.session.session_id);
}
Status session_user(const FieldValue& in, SessionRow& out) {
  return read_foreign_id(in, out.session.user_id);
}
Status session_data(const FieldValue& in, SessionRow& out) {
  return out.metadata.add_object(in.field, in.value);
}
Status session_history(const FieldValue& in, SessionRow& out) {
  return read_list_text(in, kSessionLists[0], out.lists);
}

constexpr ForeignMember<SessionRow> kSessionMembers[] = {
    {"session_id", &session_key},
    {"user_id", &session_user},
    {"conversation_history", &session_history},
    {"session_data", &session_data},
    {"session_summary", &session_text<&Session::summary>},
    {"created_at", &session_time<&Session::created_at>},
    {"last_interaction", &session_time<&Session::updated_at>},
};

// Whether an object has the one and none of the others.
bool is_session_row(const JsonValue& object) {
  bool is_it = false;
  bool is_other = false;
  object.each_member([&](std::string_view key, JsonValue) {
    is_it = is_it || key == "session_id";
    is_other = is_other || key == "context_data" || key == "kind" || key == "memory";
    return true;
  });
  return is_it && !is_other;
}

bool is_like_session(const JsonValue& object) {
  bool has_history = false;
  object.each_member([&](std::string_view key, JsonValue) {
    has_history = has_history || key == kSessionLists[0] || key == "session_data";
    return true;
  });
  return has_history && is_session_row(object);
}

Result<ForeignRow> read_session_row(const ForeignEntry& entry, const RecordDefaults& defaults) {
  if (!is_session_row(entry.value) && entry.key.empty()) return ForeignRow{.is_other = true};
  SessionRow in;
  auto status = read_foreign(entry.value, kSessionMembers, defaults, in, in.metadata);
  if (!status) return status.error();
  // {"sessions": {"ID": {...}}}.
  if (in.session.session_id.empty()) in.session.session_id = entry.key;
  if (status = check_owner("session_id", in.session.session_id); !status) return status.error();
  auto metadata = in.metadata.json(kSessionMemoryAgent.name);
  if (!metadata) return metadata.error();
  in.session.metadata = *std::move(metadata);
  ForeignRow row;
  row.owner = in.session.session_id;
  row.created_at = in.session.created_at;
  row.lists = std::move(in.lists);
  row.records.emplace_back(std::move(in.session));
  return row;
}

Result<Record> read_session_turn(const ForeignEntry& entry, const ForeignRow& row,
                                 const RecordDefaults& defaults) {
  auto memory = read_turn(entry, row, defaults, kSessionMemoryAgent.name);
  if (!memory) return memory.error();
  if (!memory->session_id.empty() && memory->session_id != row.owner) {
    return refusal("session_id is not that of the row, \"" + row.owner + "\"", "session_id");
  }
  memory->session_id = row.owner;
  memory->memory_type = "conversation";
  return Record(*std::move(memory));
}

}  // namespace

const ForeignFormat kSessionMemoryAgent = {
    .name = "session_memory_agent",
    .system = "SessionMemoryAgent",
    .entry = "\"session_id\"",
    .shape = {.envelopes = kSessionEnvelopes, .lists = kSessionLists},
    .is_like = &is_like_session,
    .read_row = &read_session_row,
    .read_element = &read_session_turn};

}  // namespace tulving::json
