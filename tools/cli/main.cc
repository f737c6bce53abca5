// The command line: SPEC section 11. It uses the public API alone, as any embedder would.
//
// stdout carries the answer and nothing else; errors go to stderr as "tulving: <message>".

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/cli/print/terminal.h"
#include "tools/cli/process/arguments.h"
#include "tools/cli/usage.h"

namespace {

using namespace tulving::tools;

void add_global_options(CLI::App& app, GlobalOptions& globals) {
  app.add_option("--db", globals.db, "The store's directory; default: the environment's TULVING_DB")
      ->check(check_not_empty)
      ->type_name("DIR");
  app.add_flag("--json", globals.json, "Print one JSON document (JSON lines for streams)");
  app.add_option("--durability", globals.durability,
                 "What a write has survived when it is acknowledged: durable, process or none")
      ->type_name("MODE")
      ->capture_default_str();
  app.add_option("--text-bytes-max", globals.text_bytes_max, "Longest text accepted")
      ->type_name("N");
  app.add_option(
         "--memory-max", globals.memory_max,
         "RAM that records and indexes may take, in bytes; a write that would add to more is "
         "refused; 0: no limit")
      ->type_name("BYTES");
  app.add_option("--embedder", globals.embedder,
                 "What makes vectors of texts: use-lite, none, auto (use-lite where its model is "
                 "installed), or URL#MODEL of a server that speaks OpenAI's /v1/embeddings")
      ->envname("TULVING_EMBEDDER")
      ->capture_default_str()
      ->check(check_not_empty);
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
  add_record_command(line);
  add_store_commands(line);
  add_upkeep_commands(line);
  add_consolidate_command(line);
  add_task_commands(line);
  add_plan_commands(line);
  add_notes_command(line);
  add_job_commands(line);
#ifdef TULVING_WITH_POSTGRES
  add_sync_command(line);
  add_hydrate_command(line);
#endif
  add_bench_command(line);
  add_model_commands(line);
  add_operation_commands(line);
  add_serve_command(line);
  add_mcp_command(line);
  add_token_commands(line);
  add_doctor_command(line);
  add_init_command(line);
  add_shell_commands(line);
}

/// Prints what is wrong with the arguments, or the help that was asked for.
int explain(CLI::App& app, const CLI::ParseError& problem,
            const std::vector<std::string>& arguments) {
  if (dynamic_cast<const CLI::CallForVersion*>(&problem) != nullptr) {
    fmt::print("{}\n", problem.what());
  } else if (problem.get_exit_code() == 0) {  // --help, of the app or of a command.
    fmt::print("{}", app.help());
  } else {
    report(without_passwords(what_is_wrong(app, problem), arguments));
    return kWrongInput;
  }
  return kDone;
}

void take_store_from_environment(GlobalOptions& globals) {
  globals.db_is_given = !globals.db.empty();
  const char* db = std::getenv("TULVING_DB");
  if (!globals.db_is_given && db != nullptr) globals.db = db;
}

int run(const Action& action, const std::vector<std::string>& arguments) {
  auto done = action();
  int code = done ? *done : exit_code_of(done.error());
  if (!done) {
    const bool is_of_arguments = done.error().code == tulving::ErrorCode::kInvalidArgument;
    report((is_of_arguments ? without_passwords : without_connection_strings)(done.error().message,
                                                                              arguments));
  }
  // A full disk behind a redirected stdout shows up only here.
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && code == kDone) {
    report("cannot write to standard output");
    code = kFailed;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments = take_arguments(argc, argv);
  if (!hold_closed_streams()) return kFailed;  // There may be nowhere to say it.
  try {
    if (!guard_terminals()) throw std::bad_alloc();
    CLI::App app("Keeps an agent's memories in RAM, finds them in microseconds, loses none.",
                 "tulving");
    app.require_subcommand(1);
    app.set_version_flag("--version", "tulving " TULVING_VERSION);
    GlobalOptions globals;
    Action action;
    const CommandLine line{app, globals, action};
    add_global_options(app, globals);
    add_commands(line);
    take_tenant_from_environment(app);
    if (argc <= 1) {
      fmt::print("{}", app.help());
      return kDone;
    }
    try {
      // As CLI11 wants them: the last first, without the program's name.
      app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend() - 1));
    } catch (const CLI::ParseError& problem) {
      return explain(app, problem, arguments);
    }
    take_store_from_environment(globals);
    return run(action, arguments);
  } catch (const std::bad_alloc&) {  // The one exception the engine lets out.
    report("out of memory");
  } catch (const std::exception& problem) {
    report(std::ferror(stdout) != 0  // A long answer fills the buffer before run() looks.
               ? "cannot write to standard output"
               : fmt::format("this is a fault of tulving itself: {}", problem.what()));
  }
  return kFailed;
}
