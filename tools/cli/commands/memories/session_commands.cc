// session put, session get, session list, session erase.

#include <array>

#include "core/base/text/utf8.h"
#include "core/json/text/json_writer.h"
#include "tools/cli/call/run_call.h"
#include "tools/cli/record_flags.h"

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

Result<int> run_put(const GlobalOptions& globals, const SessionCommand& command) {
  if (first_invalid_utf8(command.session_id)) {
    return Error{ErrorCode::kInvalidArgument, "the session is not valid UTF-8", "session_id"};
  }
  std::string session = "{\"session_id\":";
  json::append_value(session, command.session_id);
  auto text = command.flags.added_to(session += '}', "the session");
  if (!text) return text.error();
  OperationCall call("session.put");
  call.text("tenant_id", command.tenant).json("session", *text);
  return run_call(globals, call, {&print_session_written});
}

Result<int> run_get(const GlobalOptions& globals, const SessionCommand& command) {
  OperationCall call("session.get");
  call.text("tenant_id", command.tenant).text("session_id", command.session_id);
  return run_call(globals, call, {&print_members});
}

Result<int> run_list(const GlobalOptions& globals, const SessionCommand& command) {
  OperationCall call("session.list");
  call.text("tenant_id", command.tenant).number("limit", kAll);
  return run_call(globals, call, {&print_sessions});
}

Result<int> run_erase(const GlobalOptions& globals, const SessionCommand& command) {
  OperationCall call("session.erase");
  call.text("tenant_id", command.tenant).text("session_id", command.session_id);
  return run_call(globals, call, {&print_session_erased});
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
