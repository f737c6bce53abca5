#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/cli/transfer/fvecs.h"
#include "tools/cli/transfer/line_reader.h"
#include "tools/cli/transfer/progress.h"
#include "tulving/operations.h"

namespace tulving::tools {

/// What a line of an import file says it is.
enum class LineKind : std::uint8_t { kMemory, kOther, kUnreadable };

/// Finds the "kind" of a line, also where the line is broken further on.
LineKind line_kind(std::string_view line);

/// The lines of an import file, each with its row of the vector file.
class ImportSource {
 public:
  /// Opens the files and, with `vectors` (a path; row i belongs to the i-th memory line), counts
  /// the memory lines. With `rewindable` it can be read again. A line has `line_bytes_max` bytes at
  /// most. kInvalidArgument: as many rows as memory lines there are not; the message has both
  /// numbers.
  static Result<ImportSource> open(const std::string& path, const std::string& vectors,
                                   bool rewindable, std::size_t line_bytes_max);

  /// The next line, valid until the next call; empty at the end. kIo: a file cannot be read.
  Result<std::optional<StreamLine>> next(Progress& progress);
  /// Likewise the next part of a line, however long that is: of another system's file.
  Result<std::optional<StreamLine>> next_part(Progress& progress);
  Status rewind();

 private:
  ImportSource(std::string path, std::string vectors_path, LineReader lines)
      : path_(std::move(path)), vectors_path_(std::move(vectors_path)), lines_(std::move(lines)) {}
  Status match_rows();
  void show(Progress& progress) const;

  std::string path_;
  std::string vectors_path_;
  LineReader lines_;
  std::optional<VectorFile> vectors_;
  bool unreadable_have_rows_ = false;
  std::uint64_t next_row_ = 0;
  std::vector<float> values_;  // Of the line in hand.
  NamedVector vector_;
};

}  // namespace tulving::tools
