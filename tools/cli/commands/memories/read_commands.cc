// get, list, history.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/print/output.h"
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
  std::string sort{to_string(ListSort::kCreated)};
  std::string order{to_string(ListOrder::kAscending)};
  ListRequest request;
};

Result<int> run_get(const GlobalOptions& globals, const GetCommand& command) {
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto id = opened->tenant.resolve(command.name);
  if (!id) return id.error();
  auto memory = opened->tenant.get(*id, command.with_embeddings);
  if (!memory) return memory.error();
  const JsonText text = memory_text(command.tenant, *memory);
  if (globals.json) {
    print_json(text);
    return kDone;
  }
  print_members(text);
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

/// The request that the options stand for.
Result<ListRequest> request_of(const ListCommand& command) {
  ListRequest request = command.request;
  if (!command.filter.empty()) {
    auto filter = parse_filter(command.filter);
    if (!filter) return filter.error();
    request.filter = *std::move(filter);
  }
  const auto sort = parse_list_sort(command.sort);
  if (!sort) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--sort is \"{}\"; must be created, updated, last_used, priority or "
                             "decay",
                             command.sort)};
  }
  const auto order = parse_list_order(command.order);
  if (!order) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--order is \"{}\"; must be asc or desc", command.order)};
  }
  request.sort = *sort;
  request.order = *order;
  return request;
}

Result<int> run_list(const GlobalOptions& globals, const ListCommand& command) {
  auto request = request_of(command);
  if (!request) return request.error();
  auto opened = open_tenant(globals, Access::kRead, command.tenant);
  if (!opened) return opened.error();
  auto page = opened->tenant.list(*request);
  if (!page) return page.error();
  tell_missing_names(opened->tenant, request->filter);
  if (!globals.json) {
    print_page(*page);
    return kDone;
  }
  std::vector<JsonText> memories;
  for (const MemoryView& memory : page->memories) {
    memories.push_back(memory_text(command.tenant, memory.to_memory()));
  }
  print_json(ObjectText()
                 .set("memories", array_text(memories))
                 .set("next_cursor", page->next_cursor)
                 .set("matching", page->matching)
                 .set("sort", command.sort)
                 .set("order", command.order)
                 .done());
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
  std::vector<JsonText> entries;
  for (const HistoryEntry& entry : *history) {
    entries.push_back(ObjectText()
                          .set("operation", entry.operation)
                          .set("revision", entry.revision)
                          .set("at", format_time(entry.at))
                          .set("memory", memory_text(command.tenant, entry.memory))
                          .done());
  }
  print_json(ObjectText().set("id", id->to_string()).set("history", array_text(entries)).done());
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
  command->add_flag("--include-archived", list->request.include_archived, "Archived ones too");
  command->add_flag("--include-deleted", list->request.include_deleted, "Forgotten ones too");
  command->add_flag("--include-expired", list->request.include_expired, "Expired ones too");
}

}  // namespace tulving::tools
