// get, list, values, history.

#include "tools/cli/call/run_call.h"

namespace tulving::tools {

namespace {

struct GetCommand {
  std::string tenant;
  std::string name;
  bool with_embeddings = false;
};

struct ListCommand {
  std::string tenant;
  std::string filter;
  std::string sort = "created";
  std::string order = "asc";
  ListRequest request;
};

struct ValuesCommand {
  std::string tenant;
  std::string field;
  std::string filter;
  std::string order = "value";
  DistinctRequest request;
};

Result<int> run_get(const GlobalOptions& globals, const GetCommand& command) {
  OperationCall call("memory.get");
  call.text("tenant_id", command.tenant)
      .text("id", command.name)
      .flag("with_embeddings", command.with_embeddings);
  return run_call(globals, call, {&print_members});
}

Result<int> run_list(const GlobalOptions& globals, const ListCommand& command) {
  const ListRequest& request = command.request;
  OperationCall call("memory.list");
  call.text("tenant_id", command.tenant)
      .text("sort", command.sort, "--sort")
      .text("order", command.order, "--order")
      .number("limit", request.limit)
      .text_if_any("cursor", request.cursor)
      .flag("include_archived", request.include_archived)
      .flag("include_deleted", request.include_deleted)
      .flag("include_expired", request.include_expired);
  if (auto status = add_filter(call, command.filter); !status) return status.error();
  return run_call(globals, call, {&print_page});
}

Result<int> run_values(const GlobalOptions& globals, const ValuesCommand& command) {
  const DistinctRequest& request = command.request;
  OperationCall call("memory.values");
  call.text("tenant_id", command.tenant)
      .text("field", command.field, "FIELD")
      .text("order", command.order, "--order")
      .number("limit", request.limit)
      .number("offset", request.offset)
      .flag("include_archived", request.include_archived)
      .flag("include_deleted", request.include_deleted)
      .flag("include_expired", request.include_expired);
  if (auto status = add_filter(call, command.filter); !status) return status.error();
  return run_call(globals, call, {&print_values});
}

Result<int> run_history(const GlobalOptions& globals, const GetCommand& command) {
  OperationCall call("memory.history");
  call.text("tenant_id", command.tenant).text("id", command.name);
  return run_call(globals, call, {&print_history});
}

CLI::App* add_get_command(const CommandLine& line, const char* name, const char* description,
                          const std::shared_ptr<GetCommand>& options,
                          Result<int> (*run)(const GlobalOptions&, const GetCommand&)) {
  CLI::App* command = add_command(line.app, line, name, description, options, run);
  command->add_option("--tenant", options->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("ID", options->name, "Id or external id")->required()->type_name("");
  return command;
}

template <class Request>
void add_hidden_flags(CLI::App* command, Request& request) {
  command->add_flag("--include-archived", request.include_archived, "Archived ones too");
  command->add_flag("--include-deleted", request.include_deleted, "Forgotten ones too");
  command->add_flag("--include-expired", request.include_expired, "Expired ones too");
}

}  // namespace

void add_read_commands(const CommandLine& line) {
  auto get = std::make_shared<GetCommand>();
  add_get_command(line, "get", "Shows a memory", get, run_get)
      ->add_flag("--with-embeddings", get->with_embeddings, "Show its vectors too");
  add_get_command(line, "history", "Shows the versions of a memory", std::make_shared<GetCommand>(),
                  run_history);

  auto list = std::make_shared<ListCommand>();
  CLI::App* command =
      add_command(line.app, line, "list", "Lists memories in pages, oldest first", list, run_list);
  command->add_option("--tenant", list->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("--filter", list->filter, "Only those it lets through")
      ->check(check_not_empty)
      ->type_name("JSON");
  command
      ->add_option("--sort", list->sort, "By created, updated, last_used, priority or decay score")
      ->capture_default_str()
      ->type_name("FIELD");
  command->add_option("--order", list->order, "asc or desc")->capture_default_str()->type_name("");
  command->add_option("--limit", list->request.limit, "Memories a page, 1..10000")
      ->capture_default_str();
  command->add_option("--cursor", list->request.cursor, "The page to show, as the last one said");
  add_hidden_flags(command, list->request);

  auto values = std::make_shared<ValuesCommand>();
  command = add_command(line.app, line, "values",
                        "Shows the values that a field has, and how many memories have each",
                        values, run_values);
  command->add_option("--tenant", values->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("FIELD", values->field, "As filters name it: user_id, tags, metadata.a.b")
      ->check(check_not_empty)
      ->required()
      ->type_name("");
  command->add_option("--filter", values->filter, "Of memories that it lets through")
      ->check(check_not_empty)
      ->type_name("JSON");
  command->add_option("--order", values->order, "By value, or by count: the most frequent first")
      ->capture_default_str()
      ->type_name("");
  command->add_option("--limit", values->request.limit, "Values a page, 1..10000")
      ->capture_default_str();
  command->add_option("--offset", values->request.offset, "Values before the page")
      ->capture_default_str();
  add_hidden_flags(command, values->request);
}

}  // namespace tulving::tools
