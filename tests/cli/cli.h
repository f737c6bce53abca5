#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tulving::testing {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

/// What a run of the command line left behind.
struct Outcome {
  int exit_code = -1;  ///< 128 + the signal, when one ended it.
  std::string out;
  std::string err;
};

void PrintTo(const Outcome& outcome, std::ostream* out);

/// What a file holds; nothing, when there is none.
std::string contents(const std::string& path);

/// The counts of an import's summary: imported, unchanged, updated, rejected.
Json counts(const Json& summary);

/// Runs the real binary, each test in a directory of its own. Nothing passes through a shell.
class Cli : public ::testing::Test {
 protected:
  Cli();
  ~Cli() override;

  /// A path in the test's directory.
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] std::string db() const { return path("db"); }
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& text) const;
  /// Writes rows as .fvecs or .ivecs.
  std::string fvecs(const std::string& name, const std::vector<std::vector<float>>& rows) const;
  std::string ivecs(const std::string& name, const std::vector<std::vector<int>>& rows) const;

  /// Runs `tulving --db DB arguments...` with `input` on stdin.
  Outcome run(Arguments arguments, const std::string& input = "") const;
  /// Runs `tulving arguments...`.
  Outcome run_bare(const Arguments& arguments, const std::string& input = "") const;
  /// As run(), stdout and stderr being one terminal of `columns` columns, whose output is `out`.
  Outcome run_on_terminal(Arguments arguments, unsigned short columns = 4000) const;
  /// As run() with --json; the one document on stdout. Fails the test unless the exit code is
  /// `exit_code` and stdout is exactly one JSON document on one line.
  Json json(Arguments arguments, int exit_code = 0, const std::string& input = "") const;

  /// Adds a memory; its id.
  std::string add(const std::string& tenant, const std::string& external_id,
                  const std::string& text, const Arguments& more = {}) const;
  /// The records of the whole store, as export writes them, embeddings included.
  std::string exported() const;
  /// The external ids of a search's results, or of a list's memories, in order.
  static std::vector<std::string> names(const Json& memories);
  /// The same of a document as text, for numbers that the test's own JSON reader would refuse.
  static std::vector<std::string> names_in(const std::string& document);

  std::filesystem::path directory_;
};

/// Starts the binary with its stdin and stdout as pipes.
struct Running {
  pid_t pid = -1;
  int input = -1;   ///< Write to it; close it to end the input.
  int output = -1;  ///< Read from it.
};
Running start(const Arguments& arguments);
/// The next line of stdout, without the newline; empty at the end.
std::string read_line(const Running& running);
void write_text(const Running& running, const std::string& text);
/// Stops reading its stdout.
void close_output(Running& running);
/// Waits for the end; the exit code as in Outcome.
int wait_for(Running& running);

MATCHER_P(Failed, exit_code, "") {
  return arg.exit_code == exit_code && arg.err.starts_with("tulving: ");
}

}  // namespace tulving::testing
