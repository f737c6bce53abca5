#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/operations/answer.h"
#include "tulving/operations.h"

namespace tulving::operations {

/// A line that was refused, and why.
struct LineError {
  std::uint64_t line = 0;
  Error error;
  std::string format = {};  ///< foreign_format() of what it is of; such lines are told of once.
};

/// A record and the line it came from.
struct LineRecord {
  std::uint64_t line = 0;
  std::size_t bytes = 0;
  std::uint32_t equal_before = 0;  ///< Equal lines above it, see WriteOptions.
  TenantRecord record;
};

/// The records of an import, each with its vector.
class RecordReader {
 public:
  RecordReader(const Running& running, const StreamEnds& lines);

  /// The next record, or why its line is refused; empty at the end, or when the stream is stopped.
  Result<std::optional<std::variant<LineRecord, LineError>>> next();
  [[nodiscard]] bool is_stopped() const { return lines_.stop != nullptr && lines_.stop->load(); }

 private:
  Result<TenantRecord> parse(const StreamLine& line) const;
  [[nodiscard]] Status attach(const StreamLine& line, Memory& memory) const;
  LineError refused(const StreamLine& line, Error error);

  const Running& running_;
  const StreamEnds& lines_;
  RecordDefaults defaults_;
  std::uint64_t number_ = 0;
  EqualRecords equal_;
  bool is_first_ = true;
  std::string document_;  // foreign_format() of the first line, when that begins a document.
};

/// Whether the record is at fault, rather than the store: the other lines can still go in.
[[nodiscard]] bool is_line_error(const Error& error);

/// What an import did, put out as it goes and summed up at the end.
class ImportReport {
 public:
  ImportReport(const Running& running, const StreamEnds& lines)
      : lines_(lines), answer_(running.answer), ack_(running.arguments.flag("ack")) {}

  Status written(std::uint64_t line, const AddResult& result);
  Status refused(LineError error);
  [[nodiscard]] bool any_refused() const { return !errors_.empty(); }
  void finish();

 private:
  const StreamEnds& lines_;
  Answer& answer_;
  bool ack_;
  std::uint64_t imported_ = 0;
  std::uint64_t unchanged_ = 0;
  std::uint64_t updated_ = 0;
  std::uint64_t rejected_ = 0;
  std::vector<LineError> errors_;
  std::map<std::string, std::uint64_t> formats_;  // Lines of each other system's format.
};

/// Writes the records that are sound, and reports the others.
Status import_loosely(const Running& running, RecordReader& reader, ImportReport& report);

/// Writes all records or, when one is refused, none.
Status import_strictly(const Running& running, RecordReader& reader, ImportReport& report);

}  // namespace tulving::operations
