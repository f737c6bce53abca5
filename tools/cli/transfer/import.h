#pragma once

#include <csignal>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/cli/command.h"
#include "tools/cli/transfer/import_lines.h"
#include "tools/cli/transfer/progress.h"

namespace tulving::tools {

/// The arguments of `import`.
struct ImportCommand {
  ImportSource source;
  std::string zone;  ///< As parse_time_zone() reads it; empty: times must name theirs.
  bool strict = false;
  bool allow_erased = false;
  bool keep_vectors = false;
  bool ack = false;
};

/// Turns SIGINT and SIGTERM into a flag, so that an import ends between two lines.
class Interruption {
 public:
  Interruption();
  [[nodiscard]] static int signal() { return signal_; }  ///< 0: none came.

 private:
  static volatile std::sig_atomic_t signal_;
};

/// Whether the record is at fault, rather than the store: the other lines can still go in.
bool is_line_error(const Error& error);

/// What an import did, told as it goes and at the end.
class ImportReport {
 public:
  ImportReport(const GlobalOptions& globals, const ImportCommand& command)
      : json_(globals.json), ack_(command.ack), progress_("import", 0) {}

  void progress(const LineReader& lines);
  void written(std::uint64_t line, const AddResult& result);
  void refused(LineError error);
  [[nodiscard]] bool any_refused() const { return !errors_.empty(); }

  /// Prints the summary. The exit code it calls for: 130 and the like when interrupted, 2 when a
  /// line was refused, else 0.
  int finish();

 private:
  bool json_;
  bool ack_;
  Progress progress_;
  std::uint64_t imported_ = 0;
  std::uint64_t unchanged_ = 0;
  std::uint64_t updated_ = 0;
  std::uint64_t rejected_ = 0;
  std::vector<LineError> errors_;
  std::map<std::string, std::uint64_t> formats_;  // Lines of each other system's format.
};

/// Writes the records that are sound, and reports the others.
Result<int> import_loosely(const GlobalOptions& globals, const ImportCommand& command,
                           RecordReader& reader);

/// Writes all records or, when one is refused, none.
Result<int> import_strictly(const GlobalOptions& globals, const ImportCommand& command,
                            RecordReader& reader);

}  // namespace tulving::tools
