// decay, gc.

#include "tools/cli/call/run_call.h"

namespace tulving::tools {

namespace {

struct DecayCommand {
  std::string tenant;
  std::string name;
  std::string now;
  DecayRequest request;
};

struct GcCommand {
  std::string tenant;
  std::string now;
  GcRequest request;
};

Result<int> run_decay(const GlobalOptions& globals, const DecayCommand& command) {
  if (!command.name.empty()) {
    OperationCall call("memory.decay");
    call.text("tenant_id", command.tenant)
        .text("id", command.name)
        .text_if_any("now", command.now, "--at");
    return run_call(globals, call, {&print_decay});
  }
  OperationCall call("decay");
  call.text("tenant_id", command.tenant)
      .text_if_any("now", command.now, "--at")
      .number("at_least", command.request.at_least)
      .number("below", command.request.below)
      .number("limit", command.request.limit);
  return run_call(globals, call, {&print_decay_scores});
}

Result<int> run_gc(const GlobalOptions& globals, const GcCommand& command) {
  OperationCall call("gc");
  call.text_if_any("tenant_id", command.tenant)
      .flag("dry_run", command.request.dry_run)
      .text_if_any("now", command.now, "--now")
      .number("limit", command.request.limit);
  return run_call(globals, call, {&print_collected});
}

}  // namespace

void add_upkeep_commands(const CommandLine& line) {
  auto decay = std::make_shared<DecayCommand>();
  CLI::App* command = add_command(line.app, line, "decay",
                                  "Shows how memories fade, the most urgent first, or one of them",
                                  decay, run_decay);
  command->add_option("--tenant", decay->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  auto* name = command->add_option("ID", decay->name, "Id or external id: how long it has")
                   ->check(check_not_empty)
                   ->type_name("");
  command->add_option("--now,--at", decay->now, "The clock that scores; default: now")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command->add_option("--below", decay->request.below, "Scores less than this, 0..1")
      ->excludes(name)
      ->type_name("SCORE");
  command->add_option("--at-least", decay->request.at_least, "Scores from this on, 0..1")
      ->excludes(name)
      ->type_name("SCORE");
  command->add_option("--limit", decay->request.limit, "Memories shown at most")
      ->excludes(name)
      ->capture_default_str();

  auto gc = std::make_shared<GcCommand>();
  command = add_command(line.app, line, "gc",
                        "Deletes what was archived 30 days ago and what has expired", gc, run_gc);
  command->add_option("--tenant", gc->tenant, "One tenant; default: all")
      ->check(check_not_empty)
      ->type_name("T");
  command->add_flag("--dry-run", gc->request.dry_run, "Say what would go, write nothing");
  command->add_option("--now", gc->now, "The clock that decides; default: now")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command->add_option("--limit", gc->request.limit, "Memories deleted at most, by tenant")
      ->capture_default_str();
}

}  // namespace tulving::tools
