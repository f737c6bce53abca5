// consolidate: the agents, once.

#include <fmt/core.h>

#include <sstream>

#include "tools/cli/command.h"
#include "tools/cli/print/notes.h"
#include "tools/cli/print/output.h"
#include "tools/cli/print/print_preview.h"
#include "tools/cli/transfer/progress.h"
#include "tulving/consolidation.h"

namespace tulving::tools {

namespace {

struct ConsolidateCommand {
  std::string tenant;
  std::string agents;
  std::string now;
  std::string process;
  bool scan = false;
  ConsolidationOptions options;
  ConsolidationRun run;
};

Result<std::vector<UpkeepAgent>> parse_agents(const std::string& list) {
  std::vector<UpkeepAgent> agents;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    const auto agent = parse_upkeep_agent(name);
    if (!agent) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("--agents has \"{}\"; must be decay, cluster, merge, promote or "
                               "relations, separated by commas",
                               name),
                   "agents"};
    }
    agents.push_back(*agent);
  }
  return agents;
}

template <class Results>
std::size_t count(const Results& results, ItemOutcome outcome) {
  std::size_t matching = 0;
  for (const auto& result : results) matching += result.outcome == outcome ? 1 : 0;
  return matching;
}

template <class Results>
void add_row(Table& table, const char* agent, const Results& results) {
  std::vector<std::string> row = {agent, std::to_string(results.size())};
  for (const auto outcome : {ItemOutcome::kPlanned, ItemOutcome::kWaiting, ItemOutcome::kReported,
                             ItemOutcome::kDeferred, ItemOutcome::kFailed}) {
    row.push_back(std::to_string(count(results, outcome)));
  }
  table.add_row(row);
}

void print_report(const std::string& tenant, const ConsolidationReport& report, bool proposed) {
  Table table({"AGENT", "FOUND", "DONE", "WAITING", "REPORTED", "DEFERRED", "FAILED"});
  add_row(table, "decay", report.decay);
  add_row(table, "cluster", report.cluster);
  add_row(table, "merge", report.merge);
  add_row(table, "promote", report.promote);
  add_row(table, "relations", report.relations);
  table.print();
  if (report.plan_id.is_nil()) {
    fmt::print("{}: nothing to change\n", shown(tenant));
    return;
  }
  const char* what = report.dry_run ? "would change" : proposed ? "proposes to change" : "changed";
  fmt::print("{}: plan {} {} {} records\n", shown(tenant), report.plan_id.to_string(), what,
             report.changes);
  print_previews(report.preview);
}

Result<int> scan(const GlobalOptions& globals, const ConsolidateCommand& command,
                 const Consolidator& consolidator) {
  Json json;
  for (const UpkeepAgent agent : command.run.agents) {
    auto ids = consolidator.scan(agent);
    if (!ids) return ids.error();
    if (globals.json) {
      json[std::string(to_string(agent))] = *ids;
    } else {
      for (const std::string& id : *ids) fmt::print("{} {}\n", to_string(agent), shown(id));
    }
  }
  if (globals.json) print_json(json);
  return kDone;
}

Result<int> run_tenant(const GlobalOptions& globals, const ConsolidateCommand& command,
                       const Store& store, const std::string& tenant) {
  auto consolidator = Consolidator::create(store, tenant, command.options);
  if (!consolidator) return consolidator.error();
  if (command.scan) return scan(globals, command, *consolidator);
  Progress progress("consolidate", 0);
  ConsolidationRun run = command.run;
  run.progress = [&](UpkeepAgent, double done) {
    progress.set(static_cast<std::uint64_t>(done * 1000), 1000);
    return true;
  };
  auto report = command.process.empty()
                    ? consolidator->run(run)
                    : consolidator->process(command.run.agents.front(), command.process);
  progress.clear();
  if (!report) return report.error();
  tell_notes(report->notes);
  if (globals.json) {
    // The report's own document, with its tenant in front.
    const std::string document = to_json(*report);
    fmt::print("{{\"tenant_id\":{},{}\n", Json(tenant).dump(), document.substr(1));
  } else {
    print_report(tenant, *report, run.propose);
  }
  return kDone;
}

Result<int> run_consolidate(const GlobalOptions& globals, const ConsolidateCommand& given) {
  ConsolidateCommand command = given;
  auto agents = parse_agents(command.agents);
  if (!agents) return agents.error();
  command.run.agents = *std::move(agents);
  auto now = parse_moment(command.now, "--now");
  if (!now) return now.error();
  command.run.now = *now;
  if (!command.process.empty() && command.run.agents.size() != 1) {
    return Error{ErrorCode::kInvalidArgument, "--process needs one agent in --agents", "agents"};
  }
  const bool reads = command.run.dry_run || command.scan;
  auto store = open_store(globals, reads ? Access::kRead : Access::kWrite);
  if (!store) return store.error();
  const auto tenants = tenants_asked_for(*store, command.tenant);
  for (const std::string& tenant : tenants) {
    auto done = run_tenant(globals, command, *store, tenant);
    if (!done) return done;
  }
  return reads ? Result<int>(kDone) : close_store(*store);
}

}  // namespace

void add_consolidate_command(const CommandLine& line) {
  auto options = std::make_shared<ConsolidateCommand>();
  options->agents = "decay,cluster,merge,promote,relations";
  options->options.rate_limit = 0;
  CLI::App* command = add_command(line.app, line, "consolidate",
                                  "Finds what fades, merges what says the same, promotes what "
                                  "lasts, relates what belongs together. Each tenant gets a plan.",
                                  options, run_consolidate);
  command->add_option("--agents", options->agents, "Which agents, separated by commas")
      ->check(check_not_empty)
      ->capture_default_str()
      ->type_name("A,B");
  command->add_option("--tenant", options->tenant, "One tenant; else all, each by itself")
      ->check(check_not_empty)
      ->type_name("T");
  CLI::Option* dry_run = command->add_flag("--dry-run", options->run.dry_run,
                                           "Show what would change, text by text; write nothing");
  command
      ->add_flag("--propose", options->run.propose,
                 "Keep the plan for `plans apply` instead of applying it")
      ->excludes(dry_run);
  command->add_flag("--scan", options->scan, "List what the agents would look at, write nothing");
  command
      ->add_option("--process", options->process, "Only this one of the agent's findings (--scan)")
      ->check(check_not_empty)
      ->type_name("ID");
  command->add_flag("--redo-undone", options->run.redo_undone, "Also what was undone before");
  command->add_option("--vault", options->options.vault, "Where promoted memories' notes go")
      ->type_name("DIR");
  command->add_option("--now", options->now, "The moment that scores are computed for")
      ->type_name("RFC3339");
  command
      ->add_option("--rate-limit", options->options.rate_limit,
                   "Findings applied a minute; 0: no limit")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--size-max", options->options.cluster_size_max, "Most memories of a cluster")
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace tulving::tools
