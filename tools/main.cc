// The command line: SPEC section 11. It uses the public API alone, as any embedder would.
//
// stdout carries the answer and nothing else; errors go to stderr as "tulving: <message>".

#include <fmt/core.h>

#include <cstdio>
#include <exception>

#include "tools/command.h"

namespace {

using namespace tulving::tools;

void report(std::string_view message) { fmt::print(stderr, "tulving: {}\n", message); }

void add_global_options(CLI::App& app, GlobalOptions& globals) {
  app.add_option("--db", globals.db, "The store's directory")->type_name("DIR");
  app.add_flag("--json", globals.json, "Print one JSON document (JSON lines for streams)");
  app.add_option("--durability", globals.durability,
                 "What a write has survived when it is acknowledged: durable, process or none")
      ->type_name("MODE")
      ->capture_default_str();
  app.add_option("--text-bytes-max", globals.text_bytes_max, "Longest text accepted")
      ->type_name("N");
  app.add_option("--dim", globals.dim,
                 "Dimension of the default embedding model; 0: its first "
                 "vector's")
      ->type_name("N");
  // One value an occurrence: what follows may be a command.
  app.add_option("--threshold", globals.thresholds,
                 "A threshold of upkeep, danger_zone_max=0.4 say; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE")
      ->type_size(1)
      ->expected(CLI::detail::expected_max_vector_size);
}

void add_commands(const CommandLine& line) {
  add_import_command(line);
  add_export_command(line);
  add_write_commands(line);
  add_names_commands(line);
  add_read_commands(line);
  add_search_command(line);
  add_relation_commands(line);
  add_session_command(line);
  add_store_commands(line);
  add_upkeep_commands(line);
  add_consolidate_command(line);
  add_task_commands(line);
  add_plan_commands(line);
  add_job_commands(line);
#ifdef TULVING_WITH_POSTGRES
  add_sync_command(line);
#endif
  add_bench_command(line);
}

/// Prints what is wrong with the arguments, or the help that was asked for.
int explain(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() == 0) return app.exit(problem);  // --help, --version
  const auto rest = app.remaining();
  if (app.get_subcommands().empty() && !rest.empty()) {
    report(fmt::format("there is no command or option \"{}\"; see tulving --help", rest.front()));
  } else {
    report(problem.what());
  }
  return kWrongInput;
}

int run(const Action& action) {
  auto done = action();
  int code = done ? *done : exit_code_of(done.error());
  if (!done) report(done.error().message);
  // A full disk behind a redirected stdout shows up only here.
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && code == kDone) {
    report("cannot write to standard output");
    code = kFailed;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("Keeps an agent's memories in RAM, finds them in microseconds, loses none.",
                 "tulving");
    app.require_subcommand(1);
    app.set_version_flag("--version", "tulving " TULVING_VERSION);
    GlobalOptions globals;
    Action action;
    const CommandLine line{app, globals, action};
    add_global_options(app, globals);
    add_commands(line);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
      return explain(app, problem);
    }
    return run(action);
  } catch (
      const std::exception& problem) {  // std::bad_alloc: the one exception the engine lets out.
    report(problem.what());
    return kFailed;
  }
}
