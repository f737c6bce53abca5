// sync: a snapshot, or a live store through an incremental snapshot, into Postgres.

#include <fmt/core.h>
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tools/cli/call/run_call.h"
#include "tools/cli/commands/store/postgres_address.h"
#include "tools/cli/print/output.h"
#include "tools/cli/process/ending.h"
#include "tools/cli/transfer/progress.h"
#include "tulving/postgres.h"

namespace tulving::tools {

namespace {

struct SyncCommand {
  std::string snapshot;
  std::string to_file;                  // Empty: --to.
  std::vector<std::string> namespaces;  // "projection=schema" each.
  std::string partitions;               // "month", "quarter"; empty: none.
  PostgresSyncOptions options;
};

Result<PostgresSyncOptions> options_of(const SyncCommand& command) {
  PostgresSyncOptions options = command.options;
  auto address = postgres_address("sync", "to", options.uri, command.to_file);
  if (!address) return address.error();
  options.uri = *std::move(address);
  if (!command.partitions.empty()) {
    options.partitions =
        command.partitions == "quarter" ? PartitionSpan::kQuarter : PartitionSpan::kMonth;
  }
  for (const std::string& pair : command.namespaces) {
    if (auto status = add_namespace(options, pair); !status) return status.error();
  }
  return options;
}

void add_rows(std::map<std::string, std::array<std::string, 3>>& tables, std::size_t column,
              const AnswerView& counts) {
  for (const auto& [table, rows] : counts.members()) {
    auto [found, is_new] = tables.try_emplace(table);
    if (is_new) found->second.fill("0");
    found->second[column] = rows.text();
  }
}

void print_report(const AnswerView& report, bool is_verified) {
  fmt::print("{} -> schema {}: revision {} to {}\n", report["projection"].text(),
             report["schema"].text(), report["from_revision"].text(), report["to_revision"].text());
  if (report["replaced"]) {
    fmt::print(
        "the schema held {}, which is not known to be of this store's history: all was sent "
        "anew, and what the store does not have was deleted\n",
        report["replaced"].text());
  }
  std::map<std::string, std::array<std::string, 3>> tables;
  add_rows(tables, 0, report["inserted"]);
  add_rows(tables, 1, report["updated"]);
  add_rows(tables, 2, report["deleted"]);
  Table table(is_verified ? Table({"TABLE", "MISSING", "DIFFERENT", "EXTRA"})
                          : Table({"TABLE", "INSERTED", "UPDATED", "DELETED"}));
  for (const auto& [name, rows] : tables) table.add_row({name, rows[0], rows[1], rows[2]});
  table.print();
  for (const AnswerView& difference : report["differences"].elements()) {
    fmt::print("taken as it is: {}\n", shown(difference.text()));
  }
  std::map<std::string, std::vector<std::string>> skipped;
  for (const AnswerView& row : report["skipped"].elements()) {
    skipped[row["reason"].text()].push_back(fmt::format(
        "{} {} {}", shown(row["tenant_id"].text()), row["kind"].text(), shown(row["id"].text())));
  }
  for (const auto& [reason, rows] : skipped) {
    fmt::print("skipped {}: {}\n  {}\n", rows.size(), shown(reason), fmt::join(rows, "\n  "));
  }
}

void print_synced(const AnswerView& answer, const Asked& /*asked*/) {
  for (const AnswerView& report : answer["reports"].elements()) print_report(report, false);
}
void print_verified(const AnswerView& answer, const Asked& /*asked*/) {
  for (const AnswerView& report : answer["reports"].elements()) print_report(report, true);
}

/// A comparison that finds a difference has failed.
int ending_of_verify(const AnswerView& answer) {
  for (const AnswerView& report : answer["reports"].elements()) {
    for (const char* count : {"inserted", "updated", "deleted"}) {
      for (const auto& [table, rows] : report[count].members()) {
        if (rows.text() != "0") return kFailed;
      }
    }
  }
  return kDone;
}

// No operation: the snapshot is sent, and there is no store.
Result<int> sync_from_snapshot(const GlobalOptions& globals, const SyncCommand& command,
                               PostgresSyncOptions options) {
  Progress progress("sync", 0);
  options.progress = [&](std::uint64_t done, std::uint64_t total) { progress.set(done, total); };
  auto reports = sync_snapshot(command.snapshot, options);
  progress.clear();
  if (!reports) return reports.error();
  const std::string json = to_json(*reports);
  if (globals.json) {
    print_json_line(json);
  } else {
    for (const AnswerView& report : AnswerView(json)["reports"].elements()) {
      print_report(report, options.verify);
    }
  }
  return options.verify ? ending_of_verify(AnswerView(json)) : kDone;
}

Result<int> run_sync(const GlobalOptions& globals, const SyncCommand& command) {
  if (command.snapshot.empty() ? globals.db.empty() : globals.db_is_given) {
    return Error{ErrorCode::kInvalidArgument, "sync takes either --snapshot IN or --db DIR"};
  }
  auto options = options_of(command);
  if (!options) return options.error();
  end_in_order_on_signals("sync");
  if (!command.snapshot.empty()) return sync_from_snapshot(globals, command, *options);
  OperationCall call("sync");
  call.text("to", options->uri)
      .texts("schemas", options->projections, "--schemas")
      .text_if_any("tenant", options->tenant)
      .flag("all_tenants", options->all_tenants)
      .texts("namespaces", command.namespaces, "--namespace")
      .text_if_any("partitions", command.partitions)
      .flag("verify", options->verify);
  auto service = open_service(globals, call);
  if (!service) return service.error();
  Progress progress("sync", 0);
  auto answer = ask(*service, call, [&](std::uint64_t done, std::uint64_t total) {
    progress.set(done, total);
    return true;
  });
  progress.clear();
  if (!answer) return answer.error();
  if (options->verify) {
    return show(globals, call, *answer, *service, {&print_verified, &ending_of_verify});
  }
  return show(globals, call, *answer, *service, {&print_synced});
}

}  // namespace

void add_sync_command(const CommandLine& line) {
  auto sync = std::make_shared<SyncCommand>();
  CLI::App* command =
      add_command(line.app, line, "sync",
                  "Sends a snapshot, or what is new in a store, to PostgreSQL", sync, run_sync);
  command->add_option("--snapshot", sync->snapshot, "A snapshot, in place of --db")
      ->check(check_not_empty)
      ->type_name("IN");
  command->add_option("--to", sync->options.uri, "postgresql://...")
      ->check(check_not_empty)
      ->type_name("URI");
  command
      ->add_option("--to-file", sync->to_file,
                   "A file that holds it, for its owner alone: for an address with a password")
      ->check(check_not_empty)
      ->type_name("FILE");
  command
      ->add_option("--schemas", sync->options.projections,
                   "Of: orchestrator, guild, consolidation, compass, cortex")
      ->delimiter(',')
      ->required()
      ->type_name("NAMES");
  CLI::Option* tenant = command->add_option("--tenant", sync->options.tenant, "The tenant sent")
                            ->check(check_not_empty)
                            ->type_name("T");
  command->add_flag("--all-tenants", sync->options.all_tenants, "Every tenant, into one schema")
      ->excludes(tenant);
  command
      ->add_option("--partitions", sync->partitions,
                   "Where orchestrator's tables are made, by: month, quarter")
      ->check(CLI::IsMember({"month", "quarter"}))
      ->type_name("SPAN");
  command->add_flag("--verify", sync->options.verify,
                    "Compares all, and writes nothing; ends with 1 where rows differ");
  command->add_option("--namespace", sync->namespaces, "Into another Postgres schema")
      ->type_name("PROJECTION=SCHEMA")
      ->allow_extra_args(false);
}

}  // namespace tulving::tools
