// session put, session get, session list, session erase.

#include <fmt/core.h>

#include <array>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/output.h"
#include "tools/cli/record_flags.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

using Kind = RecordFlag::Kind;

constexpr std::array kSessionFlags = {
    RecordFlag{"--user", "user_id", Kind::kText, "Whom it was with"},
    RecordFlag{"--type", "session_type", Kind::kText, "conversation, or your own"},
    RecordFlag{"--summary", "summary", Kind::kText, "What it was about"},
    RecordFlag{"--metadata", "metadata", Kind::kJson, "A JSON object"},
    RecordFlag{"--archived", "is_archived", Kind::kTrue, "It is archived"},
    RecordFlag{"--created-at", "created_at", Kind::kText, "RFC 3339; default: now"},
    RecordFlag{"--ended-at", "ended_at", Kind::kText, "RFC 3339"},
};

struct SessionCommand {
  std::string tenant;
  std::string session_id;
  RecordFlags flags;
};

JsonText session_text(const std::string& tenant_id, const Session& session) {
  ObjectText object;
  object.add_members(to_json_line(tenant_id, session)).set("revision", session.revision);
  return object.done();
}

Result<int> run_put(const GlobalOptions& globals, const SessionCommand& command) {
  auto names = json_text(
      Json{{"kind", "session"}, {"tenant_id", command.tenant}, {"session_id", command.session_id}},
      "the session");
  if (!names) return names.error();
  auto text = command.flags.added_to(*names, "the session");
  if (!text) return text.error();
  auto record = parse_record(*text);
  if (!record) return record.error();
  auto opened = open_tenant(globals, Access::kCreate, command.tenant);
  if (!opened) return opened.error();
  auto result = opened->tenant.put_session(std::get<Session>(record->record));
  if (!result) return result.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  if (globals.json) {
    print_json(Json{{"session_id", command.session_id},
                    {"effect", to_string(result->effect)},
                    {"revision", result->revision}});
  } else {
    fmt::print("{} {}, revision {}\n", shown(command.session_id), to_string(result->effect),
               result->revision);
  }
  return kDone;
}

Result<int> run_get(const GlobalOptions& globals, const SessionCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto session = opened->tenant.get_session(command.session_id);
  if (!session) return session.error();
  const JsonText text = session_text(command.tenant, *session);
  if (globals.json) {
    print_json(text);
    return kDone;
  }
  print_members(text);
  return kDone;
}

Result<int> run_list(const GlobalOptions& globals, const SessionCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto sessions = opened->tenant.sessions();
  if (!sessions) return sessions.error();
  if (globals.json) {
    std::vector<JsonText> all;
    for (const Session& session : *sessions) all.push_back(session_text(command.tenant, session));
    print_json(ObjectText().set("sessions", array_text(all)).done());
    return kDone;
  }
  Table table({"SESSION", "CREATED", "TYPE", "USER", "SUMMARY"});
  for (const Session& session : *sessions) {
    table.add_row({session.session_id,
                   session.created_at ? format_time(*session.created_at) : std::string(),
                   session.session_type, session.user_id, one_line(session.summary, 200)});
  }
  table.print();
  return kDone;
}

Result<int> run_erase(const GlobalOptions& globals, const SessionCommand& command) {
  auto opened = open_tenant(globals, Access::kWrite, command.tenant);
  if (!opened) return opened.error();
  if (auto status = opened->tenant.erase_session(command.session_id); !status) {
    return status.error();
  }
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  if (globals.json) {
    print_json(Json{{"erased", command.session_id}});
  } else {
    fmt::print("erased {} and its memories\n", shown(command.session_id));
  }
  return kDone;
}

}  // namespace

void add_session_command(const CommandLine& line) {
  CLI::App* group = line.app.add_subcommand("session", "Conversations that memories belong to");
  group->fallthrough();
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, bool one_session,
                       Result<int> (*run)(const GlobalOptions&, const SessionCommand&)) {
    auto options = std::make_shared<SessionCommand>();
    CLI::App* command = add_command(*group, line, name, description, options, run);
    command->add_option("--tenant", options->tenant, "The tenant")
        ->check(check_not_empty)
        ->required()
        ->type_name("T");
    if (one_session) {
      command->add_option("SESSION", options->session_id, "Its id")->required()->type_name("");
    }
    return std::pair{command, options};
  };
  const auto [put, options] = add("put", "Adds or replaces a session", true, run_put);
  options->flags.add_to(*put, kSessionFlags);
  add("get", "Shows a session", true, run_get);
  add("list", "Lists the tenant's sessions", false, run_list);
  add("erase", "Removes a session and all its memories", true, run_erase);
}

}  // namespace tulving::tools
