// hydrate: an empty tenant from a Postgres schema.

#include <fmt/core.h>

#include <cstdint>
#include <map>
#include <memory>

#include "tools/cli/call/run_call.h"
#include "tools/cli/commands/store/postgres_address.h"
#include "tools/cli/print/output.h"
#include "tools/cli/process/ending.h"
#include "tools/cli/transfer/progress.h"
#include "tulving/postgres.h"

namespace tulving::tools {

namespace {

struct HydrateCommand {
  std::string from_file;  // Empty: --from.
  PostgresHydrateOptions options;
};

void print_report(const AnswerView& report, const Asked& /*asked*/) {
  fmt::print("schema {} -> tenant {}: {} records were there already\n",
             shown(report["name_in_database"].text()), shown(report["tenant_id"].text()),
             report["unchanged"].text());
  Table table({"TABLE", "ROWS"});
  for (const auto& [name, rows] : report["rows"].members()) table.add_row({name, rows.text()});
  table.print();
  for (const auto& [kind, made] : report["made"].members()) {
    fmt::print("made {} of names alone: {}\n", made.text(), kind);
  }
  for (const AnswerView& difference : report["differences"].elements()) {
    fmt::print("not there: {}\n", difference.text());
  }
  std::map<std::string, std::uint64_t> reasons;
  for (const AnswerView& row : report["refused"].elements()) ++reasons[row["reason"].text()];
  for (const auto& [reason, rows] : reasons) fmt::print("refused {}: {}\n", rows, shown(reason));
  for (const AnswerView& row : report["refused"].elements()) {
    fmt::print("  {} {}\n", row["table"].text(), shown(row["key"].text()));
  }
  for (const auto& [name, rows] : report["taken_over"].members()) {
    fmt::print("taken over {}: {}\n", rows.text(), name);
  }
}

Result<int> run_hydrate(const GlobalOptions& globals, const HydrateCommand& command) {
  const PostgresHydrateOptions& options = command.options;
  auto address = postgres_address("hydrate", "from", options.uri, command.from_file);
  if (!address) return address.error();
  end_in_order_on_signals("hydrate");
  OperationCall call("hydrate");
  call.text("from", *address)
      .text("schema", options.schema, "--schema")
      .text("tenant", options.tenant, "--tenant")
      .text_if_any("schema_name", options.schema_name)
      .flag("take_over", options.take_over);
  auto service = open_service(globals, call);
  if (!service) return service.error();
  Progress progress("hydrate", 0);
  auto answer = ask(*service, call, [&](std::uint64_t done, std::uint64_t total) {
    progress.set(done, total);
    return true;
  });
  progress.clear();
  if (!answer) return answer.error();
  return show(globals, call, *answer, *service, {&print_report});
}

}  // namespace

void add_hydrate_command(const CommandLine& line) {
  auto hydrate = std::make_shared<HydrateCommand>();
  CLI::App* command =
      add_command(line.app, line, "hydrate", "Fills an empty tenant from a PostgreSQL schema",
                  hydrate, run_hydrate);
  const auto add = [&](const char* option, std::string& value, const char* help, const char* type) {
    return command->add_option(option, value, help)->check(check_not_empty)->type_name(type);
  };
  add("--from", hydrate->options.uri, "postgresql://...", "URI");
  add("--from-file", hydrate->from_file,
      "A file that holds it, for its owner alone: for an address with a password", "FILE");
  add("--schema", hydrate->options.schema,
      "Of: orchestrator, guild, consolidation, compass, cortex", "NAME")
      ->required();
  add("--tenant", hydrate->options.tenant, "The tenant that is filled", "T")->required();
  add("--schema-name", hydrate->options.schema_name, "The Postgres schema, under another name",
      "NAME");
  command->add_flag("--take-over", hydrate->options.take_over,
                    "The rows are this store's afterwards: the next sync sends what changed since");
}

}  // namespace tulving::tools
