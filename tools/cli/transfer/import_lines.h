#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/cli/transfer/fvecs.h"
#include "tulving/json.h"
#include "tulving/result.h"

namespace tulving::tools {

/// Reads a text file line by line: LF or CRLF, blank lines left out, a byte order mark skipped.
class LineReader {
 public:
  /// Opens `path`, or stdin for "-". With `rewindable` what cannot be read twice (a pipe) goes
  /// through a temporary file. kNotFound, kIo.
  static Result<LineReader> open(const std::string& path, bool rewindable);

  /// The next line, valid until the next call; empty at the end. kIo: it cannot be read.
  Result<std::optional<std::string_view>> next();
  Status rewind();

  [[nodiscard]] std::uint64_t number() const { return number_; }  ///< Of the last line, from 1.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t bytes_total() const { return bytes_total_; }  ///< 0: unknown.

 private:
  struct FreeBuffer {
    void operator()(char* buffer) const noexcept;
  };
  std::string path_;
  File file_;
  std::unique_ptr<char, FreeBuffer> buffer_;  // getline(3)'s.
  std::size_t capacity_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
};

/// What a line of an import file says it is.
enum class LineKind : std::uint8_t { kMemory, kOther, kUnreadable };

/// Finds the "kind" of a line, also where the line is broken further on.
LineKind line_kind(std::string_view line);

/// Where an import's records come from.
struct ImportSource {
  std::string path;     ///< "-": stdin.
  std::string vectors;  ///< .fvecs: row i belongs to the i-th memory line. Empty: none.
  RecordDefaults
      defaults;  ///< The model is that of the rows, too. Tenant empty: lines must name theirs.
};

/// A line that was refused, and why.
struct LineError {
  std::uint64_t line = 0;
  std::string field;
  std::string error;
  std::string format;  ///< foreign_format() of the file it is of; such lines are told of once.
};

/// A record and the line it came from.
struct LineRecord {
  std::uint64_t line = 0;
  std::size_t bytes = 0;
  std::uint32_t equal_before = 0;  ///< Equal lines above it, see WriteOptions.
  TenantRecord record;
};

/// The records of an import file, each with its row of the vector file.
class RecordReader {
 public:
  /// Opens the files and, with vectors, counts the memory lines. kInvalidArgument: as many rows as
  /// memory lines there are not; the message has both numbers.
  static Result<RecordReader> open(const ImportSource& source);

  /// The next record, or why its line is refused; empty at the end. kIo: a file cannot be read.
  Result<std::optional<std::variant<LineRecord, LineError>>> next();

  [[nodiscard]] const LineReader& lines() const { return lines_; }

 private:
  RecordReader(const ImportSource& source, LineReader lines)
      : vectors_path_(source.vectors),
        path_(source.path),
        defaults_(source.defaults),
        lines_(std::move(lines)) {}
  Status match_rows();
  Result<TenantRecord> parse(std::string_view line) const;
  Status attach_row(Memory& memory, std::uint64_t row);
  LineError refused(std::string_view line, const Error& error);

  std::string vectors_path_;
  std::string path_;
  RecordDefaults defaults_;
  LineReader lines_;
  std::optional<VectorFile> vectors_;
  bool unreadable_have_rows_ = false;
  std::uint64_t next_row_ = 0;
  EqualRecords equal_;
  bool is_first_ = true;
  std::string document_;  // foreign_format() of the first line, when that begins a document.
};

}  // namespace tulving::tools
