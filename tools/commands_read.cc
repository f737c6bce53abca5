// get, list, history.

#include <fmt/core.h>

#include "tools/command.h"
#include "tools/output.h"
#include "tulving/json.h"

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
  ListRequest request;
};

Result<int> run_get(const GlobalOptions& globals, const GetCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto id = opened->tenant.resolve(command.name);
  if (!id) return id.error();
  auto memory = opened->tenant.get(*id, command.with_embeddings);
  if (!memory) return memory.error();
  const Json json = memory_json(command.tenant, *memory);
  if (globals.json) {
    print_json(json);
    return kDone;
  }
  print_members(json);
  return kDone;
}

void print_page(const MemoryPage& page) {
  Table table({"ID", "CREATED", "TYPE", "PRIORITY", "STATUS", "TEXT"});
  for (const MemoryView& memory : page.memories) {
    table.add_row({name_of(memory), format_time(memory.created_at()),
                   std::string(memory.memory_type()), std::to_string(memory.priority()),
                   std::string(to_string(memory.status())), one_line(memory.text(), 200)});
  }
  table.print();
  fmt::print("{} of {} matching\n", page.memories.size(), page.matching);
  if (!page.next_cursor.empty()) fmt::print("next page: --cursor {}\n", page.next_cursor);
}

Result<int> run_list(const GlobalOptions& globals, const ListCommand& command) {
  ListRequest request = command.request;
  if (!command.filter.empty()) {
    auto filter = parse_filter(command.filter);
    if (!filter) return filter.error();
    request.filter = *std::move(filter);
  }
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto page = opened->tenant.list(request);
  if (!page) return page.error();
  if (!globals.json) {
    print_page(*page);
    return kDone;
  }
  Json memories = Json::array();
  for (const MemoryView& memory : page->memories) {
    memories.push_back(memory_json(command.tenant, memory.to_memory()));
  }
  print_json(Json{{"memories", std::move(memories)},
                  {"next_cursor", page->next_cursor},
                  {"matching", page->matching}});
  return kDone;
}

Result<int> run_history(const GlobalOptions& globals, const GetCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto id = opened->tenant.resolve(command.name);
  if (!id) return id.error();
  auto history = opened->tenant.history(*id);
  if (!history) return history.error();
  if (!globals.json) {
    Table table({"REVISION", "AT", "OPERATION", "PRIORITY", "STATUS", "TEXT"});
    for (const HistoryEntry& entry : *history) {
      table.add_row({std::to_string(entry.revision), format_time(entry.at), entry.operation,
                     std::to_string(entry.memory.priority),
                     std::string(to_string(entry.memory.status)),
                     one_line(entry.memory.text, 200)});
    }
    table.print();
    return kDone;
  }
  Json entries = Json::array();
  for (const HistoryEntry& entry : *history) {
    entries.push_back(Json{{"operation", entry.operation},
                           {"revision", entry.revision},
                           {"at", format_time(entry.at)},
                           {"memory", memory_json(command.tenant, entry.memory)}});
  }
  print_json(Json{{"id", id->to_string()}, {"history", std::move(entries)}});
  return kDone;
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

}  // namespace

void add_read_commands(const CommandLine& line) {
  auto get = std::make_shared<GetCommand>();
  add_get_command(line, "get", "Shows a memory", get, run_get)
      ->add_flag("--with-embeddings", get->with_embeddings, "Show its vectors too");
  add_get_command(line, "history", "Shows the versions of a memory", std::make_shared<GetCommand>(),
                  run_history);

  auto list = std::make_shared<ListCommand>();
  CLI::App* command =
      add_command(line.app, line, "list", "Lists memories, oldest first, in pages", list, run_list);
  command->add_option("--tenant", list->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("--filter", list->filter, "Only those it lets through")
      ->check(check_not_empty)
      ->type_name("JSON");
  command->add_option("--limit", list->request.limit, "Memories a page, 1..10000")
      ->capture_default_str();
  command->add_option("--cursor", list->request.cursor, "The page to show, as the last one said");
  command->add_flag("--include-archived", list->request.include_archived, "Archived ones too");
  command->add_flag("--include-deleted", list->request.include_deleted, "Forgotten ones too");
  command->add_flag("--include-expired", list->request.include_expired, "Expired ones too");
}

}  // namespace tulving::tools
