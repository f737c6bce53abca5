// What an agent needs, by Mem0's names.

#include <array>

#include "tools/serve/mcp/protocol/message.h"
#include "tools/serve/mcp/tools/tool_json.h"
#include "tools/serve/mcp/tools/toolboxes.h"

namespace tulving::serve::mcp {
namespace {

using namespace params;
using json::ObjectWriter;

constexpr std::string_view kFilterHelp =
    "Only what it lets through: {\"memory_type\": \"decision\"}, {\"priority\": {\"gte\": 7}}, "
    "{\"tags\": {\"any\": [...]}}, {\"metadata.PATH\": ...}, {\"and\" | \"or\": [...]}, {\"not\": "
    "{...}}";

constexpr Param user() { return text("user_id", "Whom it is about"); }
constexpr Param agent() { return text("agent_id", "Whose memory it is"); }
constexpr Param memory_id() {
  return text("memory_id", "An id or external id, as results have it").required();
}

constexpr std::array kAdd = {
    text("text", "What is to be remembered, in words that make sense by themselves").required(),
    user(),
    agent(),
    text("memory_type", "user_preference, decision, fact, conversation, ... or a word of yours"),
    text("tags", "Labels").list(),
    any("metadata", "A JSON object"),
    integer("priority", "How much it matters").range(1, 10),
    text("external_id", "A name of your own for it; unique"),
    time("expires_at", "When it is to be forgotten"),
    text("idempotency_key", "Makes a retry write once"),
};
constexpr std::array kSearch = {
    text("query", "What is looked for, in words").required(),
    user(),
    agent(),
    text("tags", "Any of these labels").list(),
    any("filter", kFilterHelp),
    integer("limit", "Results at most").range(1, 100).by_default("10"),
    boolean("include_archived", "What was put aside, too"),
    boolean("explain", "Each score's parts, and how it was searched"),
};
constexpr std::array kOne = {memory_id()};
constexpr std::array kList = {
    user(),
    agent(),
    text("tags", "Any of these labels").list(),
    any("filter", kFilterHelp),
    integer("limit", "Memories a page").range(1, 1000).by_default("50"),
    text("cursor", "The page to show: next_cursor of the last one"),
};
constexpr std::array kUpdate = {
    memory_id(),
    text("text", "The new text; the old one stays in the history"),
    text("tags", "In place of all that it has").list(),
    any("metadata", "In place of all that it has: a JSON object"),
    integer("priority", "How much it matters").range(1, 10),
    text("memory_type", "As for add_memory"),
    integer("revision", "Only if the memory is at this revision"),
};
constexpr std::array kDeleteAll = {user(), agent(), any("filter", kFilterHelp)};
constexpr std::array kDeleted = {integer("deleted", "Memories").required()};
constexpr std::array kRelatedTo = {
    memory_id(),
    integer("hops_max", "Links followed").range(1, 8).by_default("1"),
    text("types", "Relation types followed; default: all").list(),
    integer("limit", "Memories at most").range(1, 1000).by_default("20"),
};
constexpr std::array kTouch = {text("memory_ids", "Ids or external ids").list().required()};
constexpr std::array kStats = {
    integer("memories", "That are neither archived, forgotten nor expired").required(),
    integer("revision", "The store's, of its last write").required(),
};

Conditions conditions_of(const Arguments& given, bool has_tags) {
  Conditions conditions;
  conditions.add_equals("user_id", given.text("user_id"));
  conditions.add_equals("agent_id", given.text("agent_id"));
  if (has_tags) conditions.add_any_tag(given.texts("tags"));
  conditions.add(given.json("filter"));
  return conditions;
}

Outcome add_memory(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  ObjectWriter memory(out.key("memory"));
  add_all(memory, call.given(),
          {"text", "user_id", "agent_id", "memory_type", "tags", "metadata", "priority",
           "external_id", "expires_at"});
  memory.close();
  add_given(out, call.given(), "idempotency_key");
  out.close();
  return call.ask("memory.add", text);
}

Outcome search_memories(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "query", "text");
  add_given(out, call.given(), "limit", "k");
  add_all(out, call.given(), {"include_archived", "explain"});
  const Conditions conditions = conditions_of(call.given(), true);
  if (!conditions.is_empty()) out.key("filter") += conditions.json();
  out.close();
  return call.ask("search", text);
}

/// Those that take one memory's name and nothing else.
Outcome ask_about_one(const ToolCall& call, std::string_view operation) {
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "memory_id", "id");
  out.close();
  return call.ask(operation, text);
}
Outcome get_memory(const ToolCall& call) { return ask_about_one(call, "memory.get"); }
Outcome memory_history(const ToolCall& call) { return ask_about_one(call, "memory.history"); }

Outcome get_memories(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  add_all(out, call.given(), {"limit", "cursor"});
  const Conditions conditions = conditions_of(call.given(), true);
  if (!conditions.is_empty()) out.key("filter") += conditions.json();
  out.close();
  return call.ask("memory.list", text);
}

Outcome update_memory(const ToolCall& call) {
  std::string change;
  ObjectWriter patch(change);
  add_all(patch, call.given(), {"text", "tags", "metadata", "priority", "memory_type"});
  patch.close();
  if (change == "{}") {
    return {.error = {ErrorCode::kInvalidArgument, "nothing is given that would change", "text"}};
  }
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "memory_id", "id");
  out.key("patch") += change;
  add_given(out, call.given(), "revision");
  out.close();
  return call.ask("memory.update", text);
}

Outcome delete_memory(const ToolCall& call) {
  return call.ask("memory.forget", list_of("ids", {call.given().text("memory_id")}));
}

/// Page by page, as what is forgotten is on no page any more.
Outcome delete_all_memories(const ToolCall& call) {
  const Conditions conditions = conditions_of(call.given(), false);
  if (conditions.is_empty()) {
    return {.error = {ErrorCode::kInvalidArgument,
                      "user_id, agent_id or filter is missing: all memories are meant by none",
                      "user_id"}};
  }
  const std::string page =
      "{\"limit\":1000,\"include_archived\":true,\"filter\":" + conditions.json() + "}";
  std::uint64_t deleted = 0;
  while (true) {
    Outcome listed = call.ask("memory.list", page);
    if (!listed.answer) return listed;
    std::vector<std::string> ids;
    for (const std::string_view memory : elements_of(member_of(listed.answer->json, "memories"))) {
      ids.push_back(text_of(memory, "id"));
    }
    if (ids.empty()) break;
    Outcome done = call.ask("memory.forget", list_of("ids", ids));
    if (!done.answer) return done;
    deleted += ids.size();
  }
  return answered("{\"deleted\":" + std::to_string(deleted) + "}");
}

Outcome related_memories(const ToolCall& call) {
  std::string text;
  ObjectWriter out(text);
  add_given(out, call.given(), "memory_id", "id");
  add_all(out, call.given(), {"hops_max", "types", "limit"});
  out.close();
  return call.ask("related", text);
}

Outcome touch_memories(const ToolCall& call) {
  return call.ask("memory.touch", list_of("ids", call.given().texts("memory_ids")));
}

Outcome memory_stats(const ToolCall& call) {
  Outcome listed = call.ask("memory.list", R"({"limit":1})");
  if (!listed.answer) return listed;
  std::string text;
  ObjectWriter out(text);
  out.key("memories") += member_of(listed.answer->json, "matching");
  out.member("revision", call.store().revision());
  out.close();
  return answered(std::move(text));
}

std::vector<Tool> made() {
  return {
      {.face = {.name = "add_memory",
                .effect = Effect::kWrite,
                .is_idempotent = false,
                .help = "Remembers something. The same text again raises the memory that is there",
                .params = kAdd,
                .answer = answer_of("memory.add")},
       .title = "Add a memory",
       .run = &add_memory},
      {.face = {.name = "search_memories",
                .help = "Finds memories by what they say, best first",
                .params = kSearch,
                .answer = answer_of("search")},
       .title = "Search memories",
       .recalls = true,
       .run = &search_memories},
      {.face = {.name = "get_memory",
                .help = "A memory with all its fields",
                .params = kOne,
                .answer = answer_of("memory.get")},
       .title = "Get a memory",
       .recalls = true,
       .run = &get_memory},
      {.face = {.name = "get_memories",
                .help = "Lists memories, oldest first, in pages",
                .params = kList,
                .answer = answer_of("memory.list")},
       .title = "List memories",
       .recalls = true,
       .run = &get_memories},
      {.face = {.name = "update_memory",
                .effect = Effect::kWrite,
                .help = "Changes what is given of a memory, and keeps the version before",
                .params = kUpdate,
                .answer = answer_of("memory.update")},
       .title = "Update a memory",
       .run = &update_memory},
      {.face = {.name = "delete_memory",
                .effect = Effect::kDestroy,
                .help = "Forgets a memory: no search or list finds it any more",
                .params = kOne,
                .answer = answer_of("memory.forget")},
       .title = "Delete a memory",
       .run = &delete_memory},
      {.face = {.name = "delete_all_memories",
                .effect = Effect::kDestroy,
                .help = "Forgets all memories of a user or an agent, or that a filter lets through",
                .params = kDeleteAll,
                .answer = object({}, kDeleted, "How many were forgotten")},
       .title = "Delete all memories",
       .run = &delete_all_memories},
      {.face = {.name = "memory_history",
                .help = "The versions of a memory, oldest first",
                .params = kOne,
                .answer = answer_of("memory.history")},
       .title = "History of a memory",
       .recalls = true,
       .run = &memory_history},
      {.face = {.name = "related_memories",
                .help = "The memories that a memory is linked to",
                .params = kRelatedTo,
                .answer = answer_of("related")},
       .title = "Related memories",
       .recalls = true,
       .run = &related_memories},
      {.face = {.name = "touch_memories",
                .effect = Effect::kWrite,
                .is_idempotent = false,
                .help = "Says that memories were of use, so that they fade later",
                .params = kTouch,
                .answer = answer_of("memory.touch")},
       .title = "Touch memories",
       .run = &touch_memories},
      {.face = {.name = "memory_stats",
                .help = "How many memories there are",
                .answer = object({}, kStats, "The figures")},
       .title = "Statistics",
       .run = &memory_stats},
  };
}

}  // namespace

Toolbox memory_tools() {
  static const std::vector<Tool> kTools = made();
  return kTools;
}

}  // namespace tulving::serve::mcp
