// jarvis_memory_pc2: a user a row, {"user_id", "preferences", "entity_knowledge": {"NAME": ...},
// "interaction_history": [...], "skill_states": {"SKILL": ...}}.

#include <fmt/format.h>

#include "core/json/foreign/foreign.h"
#include "core/json/foreign/foreign_values.h"
#include "core/json/foreign/turns.h"
#include "core/json/text/json_writer.h"

namespace tulving::json {
namespace {

constexpr std::string_view kEntities = "entity_knowledge", kInteractions = "interaction_history",
                           kSkills = "skill_states";
constexpr std::string_view kJarvisLists[] = {kEntities, kInteractions, kSkills};
constexpr std::string_view kJarvisEnvelopes[] = {"users", "jarvis_memory_pc2"};

struct JarvisRow {
  UserProfile profile;
  ForeignMetadata metadata;
  std::vector<std::pair<std::string_view, std::string>> lists;
};

Status jarvis_user(const FieldValue& in, JarvisRow& out) {
  return read_foreign_id(in, out.profile.user_id);
}
Status jarvis_preferences(const FieldValue& in, JarvisRow& out) {
  std::string holder;
  out.profile.preferences = unwrapped(in.value, holder).raw();
  return {};
}
template <auto kMember>
Status jarvis_time(const FieldValue& in, JarvisRow& out) {
  return read_foreign_time(in, out.profile.*kMember);
}
template <std::size_t kList>
Status jarvis_list(const FieldValue& in, JarvisRow& out) {
  return read_list_text(in, kJarvisLists[kList], out.lists);
}

constexpr ForeignMember<JarvisRow> kJarvisMembers[] = {
    {"user_id", &jarvis_user},
    {"preferences", &jarvis_preferences},
    {kEntities, &jarvis_list<0>},
    {kInteractions, &jarvis_list<1>},
    {kSkills, &jarvis_list<2>},
    {"created_at", &jarvis_time<&UserProfile::created_at>},
    {"updated_at", &jarvis_time<&UserProfile::updated_at>},
};

bool is_jarvis_row(const JsonValue& object) {
  bool is_it = false;
  bool is_other = false;
  object.each_member([&](std::string_view key, JsonValue) {
    is_it = is_it || key == "user_id";
    is_other = is_other || key == "memory" || key == "kind" || key == "context_data" ||
               key == "conversation_history";
    return true;
  });
  return is_it && !is_other;
}

bool is_like_jarvis(const JsonValue& object) {
  bool has_list = false;
  object.each_member([&](std::string_view key, JsonValue) {
    has_list = has_list || key == kEntities || key == kInteractions || key == kSkills;
    return true;
  });
  return has_list && is_jarvis_row(object);
}

Result<ForeignRow> read_jarvis(const ForeignEntry& entry, const RecordDefaults& defaults) {
  if (!is_jarvis_row(entry.value) && entry.key.empty()) return ForeignRow{.is_other = true};
  JarvisRow in;
  auto status = read_foreign(entry.value, kJarvisMembers, defaults, in, in.metadata);
  if (!status) return status.error();
  if (in.profile.user_id.empty()) in.profile.user_id = entry.key;
  if (status = check_owner("user_id", in.profile.user_id); !status) return status.error();
  auto rest = in.metadata.json(kJarvisMemory.name);
  if (!rest) return rest.error();
  in.profile.profile_data = *std::move(rest);
  ForeignRow row;
  row.owner = in.profile.user_id;
  row.created_at = in.profile.created_at;
  row.lists = std::move(in.lists);
  row.records.emplace_back(std::move(in.profile));
  return row;
}

// The name of an element: of the member that it is, or in it.
Result<std::string> jarvis_name(const ForeignEntry& entry, std::string_view other) {
  if (!entry.key.empty()) return entry.key;
  std::string name;
  Status status;
  if (entry.value.kind() == JsonKind::kObject) {
    entry.value.each_member([&](std::string_view key, JsonValue value) {
      if (key != "name" && key != other) return true;
      status = read(FieldValue{key, value}, name);
      return status && name.empty();
    });
  }
  if (!status) return status.error();
  if (!name.empty()) return name;
  return refusal(fmt::format("name is missing in {}", entry.within), "name");
}

// Several texts become one, "a; b".
std::optional<std::string> jarvis_texts(const JsonValue& array) {
  std::vector<std::string> texts;
  if (!read(FieldValue{"texts", array}, texts) || texts.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(texts, "; "));
}

Result<Record> read_jarvis_entity(const ForeignEntry& entry, const ForeignRow& row,
                                  const RecordDefaults& defaults) {
  auto name = jarvis_name(entry, "entity");
  if (!name) return name.error();
  Memory memory;
  std::optional<std::string> texts;
  if (entry.value.kind() == JsonKind::kArray) texts = jarvis_texts(entry.value);
  if (texts) {
    memory.text = *std::move(texts);
  } else if (entry.value.kind() != JsonKind::kNull) {
    auto status = read_foreign_content({entry.within, entry.value}, "value", memory);
    if (!status) return status.error();
  }
  say_content(memory);
  memory.text = memory.text.empty() ? *name : fmt::format("{}: {}", *name, memory.text);
  memory.id = id_within(defaults.tenant_id, "jarvis_memory_pc2 entity", row.owner, *name);
  memory.user_id = row.owner;
  memory.memory_type = "entity";
  memory.layer = Layer::kSemantic;
  memory.entities = {*std::move(name)};
  memory.created_at = row.created_at;
  return Record(std::move(memory));
}

// The state as an object, with the user's id where it has none.
Result<Record> read_jarvis_skill(const ForeignEntry& entry, const ForeignRow& row,
                                 const RecordDefaults& defaults) {
  auto name = jarvis_name(entry, "skill");
  if (!name) return name.error();
  AgentState state;
  bool has_user = false;
  ObjectWriter data(state.state_data);
  if (entry.value.kind() == JsonKind::kObject) {
    entry.value.each_member([&](std::string_view key, JsonValue value) {
      has_user = has_user || key == "user_id";
      data.key(key) += value.raw();
      return true;
    });
  } else {
    data.key("state") += entry.value.raw();
  }
  if (!has_user) data.member("user_id", row.owner);
  data.close();
  state.state_id =
      id_within(defaults.tenant_id, "jarvis_memory_pc2 skill", row.owner, *name).to_string();
  state.agent_id = *std::move(name);
  state.created_at = row.created_at;
  return Record(std::move(state));
}

Result<Record> read_jarvis_element(const ForeignEntry& entry, const ForeignRow& row,
                                   const RecordDefaults& defaults) {
  if (entry.within == kEntities) return read_jarvis_entity(entry, row, defaults);
  if (entry.within == kSkills) return read_jarvis_skill(entry, row, defaults);
  auto memory = read_turn(entry, row, defaults, kJarvisMemory.name);
  if (!memory) return memory.error();
  memory->user_id = row.owner;
  memory->memory_type = "interaction";
  return Record(*std::move(memory));
}

}  // namespace

const ForeignFormat kJarvisMemory = {
    .name = "jarvis_memory_pc2",
    .system = "jarvis_memory_pc2",
    .entry = "\"user_id\"",
    .shape = {.envelopes = kJarvisEnvelopes, .lists = kJarvisLists},
    .is_like = &is_like_jarvis,
    .read_row = &read_jarvis,
    .read_element = &read_jarvis_element,
    .makes_sessions = true};

}  // namespace tulving::json
