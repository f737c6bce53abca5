// consolidate: the agents, once.

#include <fmt/core.h>

#include <sstream>

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/print/output.h"
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

Result<std::vector<std::string>> parse_agents(const std::string& list) {
  std::vector<std::string> agents;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    if (!parse_upkeep_agent(name)) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("--agents has \"{}\"; must be decay, cluster, merge, promote or "
                               "relations, separated by commas",
                               name),
                   "agents"};
    }
    agents.push_back(name);
  }
  return agents;
}

void add_row(Table& table, const char* agent, const AnswerView& results) {
  const auto all = results.elements();
  std::vector<std::string> row = {agent, std::to_string(all.size())};
  for (const char* outcome : {"planned", "waiting", "reported", "deferred", "failed"}) {
    row.push_back(std::to_string(std::ranges::count_if(
        all, [&](const AnswerView& result) { return result["outcome"].text() == outcome; })));
  }
  table.add_row(row);
}

void print_report(const AnswerView& report, const Asked& asked) {
  Table table({"AGENT", "FOUND", "DONE", "WAITING", "REPORTED", "DEFERRED", "FAILED"});
  for (const char* agent : {"decay", "cluster", "merge", "promote", "relations"}) {
    add_row(table, agent, report[agent]);
  }
  table.print();
  const std::string tenant = report["tenant_id"].text();
  if (!report["plan_id"]) {
    const std::string kept = report["results_kept"].text();
    fmt::print("{}: nothing to change{}\n", shown(tenant),
               kept == "0" ? "" : ", " + kept + " new findings kept as agent_result");
    return;
  }
  const char* what = report["dry_run"].is_true()            ? "would change"
                     : asked.arguments["propose"].is_true() ? "proposes to change"
                                                            : "changed";
  fmt::print("{}: plan {} {} {} records\n", shown(tenant), report["plan_id"].text(), what,
             report["changes"].text());
  print_previews(report["preview"]);
}

void print_findings(const AnswerView& answer, const Asked& /*asked*/) {
  for (const auto& [agent, ids] : answer.members()) {
    for (const AnswerView& id : ids.elements()) fmt::print("{} {}\n", agent, shown(id.text()));
  }
}

OperationCall call_of(const ConsolidateCommand& command, const std::vector<std::string>& agents,
                      const std::string& tenant) {
  OperationCall call(command.scan ? "consolidation.scan" : "consolidate");
  call.text("tenant_id", tenant)
      .texts("agents", agents)
      .text_if_any("vault", command.options.vault.string())
      .number("size_max", command.options.cluster_size_max);
  if (command.scan) return call;
  call.flag("dry_run", command.run.dry_run)
      .flag("propose", command.run.propose)
      .flag("redo_undone", command.run.redo_undone)
      .text_if_any("finding", command.process)
      .text_if_any("now", command.now, "--now")
      .number("rate_limit", command.options.rate_limit);
  return call;
}

Result<int> run_tenant(const GlobalOptions& globals, const ConsolidateCommand& command,
                       const std::vector<std::string>& agents, Service& service,
                       const std::string& tenant) {
  const OperationCall call = call_of(command, agents, tenant);
  Progress progress("consolidate", 0);
  auto answer = ask(service, call, [&](std::uint64_t done, std::uint64_t total) {
    progress.set(done, total);
    return true;
  });
  progress.clear();
  if (!answer) return answer.error();
  return show(globals, call, *answer, service, {command.scan ? &print_findings : &print_report});
}

Result<int> run_consolidate(const GlobalOptions& globals, const ConsolidateCommand& command) {
  auto agents = parse_agents(command.agents);
  if (!agents) return agents.error();
  if (!command.process.empty() && agents->size() != 1) {
    return Error{ErrorCode::kInvalidArgument, "--process needs one agent in --agents", "agents"};
  }
  const OperationCall call = call_of(command, *agents, command.tenant);
  auto service = open_service(globals, call);
  if (!service) return service.error();
  const auto tenants = tenants_asked_for(service->store(), command.tenant);
  for (const std::string& tenant : tenants) {
    auto done = run_tenant(globals, command, *agents, *service, tenant);
    if (!done) return done;
  }
  if (auto status = finish(*service, call); !status) return status.error();
  return kDone;
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
