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
  std::string place = {};   ///< Within the line or the document: a JSON pointer. Empty: all of it.
};

/// A record and the line it came from.
struct LineRecord {
  std::uint64_t line = 0;
  std::size_t bytes = 0;
  std::uint32_t equal_before = 0;  ///< Equal lines above it, see WriteOptions.
  TenantRecord record;
  std::string place = {};  ///< As in LineError.
};

/// The records of an import.
class RecordSource {
 public:
  using Next = std::optional<std::variant<LineRecord, LineError>>;

  explicit RecordSource(const StreamEnds& lines) : lines_(lines) {}
  virtual ~RecordSource() = default;
  RecordSource(const RecordSource&) = delete;
  RecordSource& operator=(const RecordSource&) = delete;

  /// The next record, or why its line is refused; empty at the end, or when the stream is stopped.
  virtual Result<Next> next() = 0;
  [[nodiscard]] bool is_stopped() const { return lines_.stop != nullptr && lines_.stop->load(); }

 protected:
  /// The next line in; empty at the end, or when the stream is stopped.
  Result<std::optional<StreamLine>> next_line();

 private:
  const StreamEnds& lines_;
  std::uint64_t number_ = 0;
};

/// What the arguments say of lines that do not say it themselves.
[[nodiscard]] RecordDefaults record_defaults(const Arguments& given);

/// A line a record, each with its vector.
class RecordReader : public RecordSource {
 public:
  RecordReader(const Running& running, const StreamEnds& lines);
  Result<Next> next() override;

 private:
  Result<TenantRecord> parse(const StreamLine& line) const;
  [[nodiscard]] Status attach(const StreamLine& line, Memory& memory) const;
  LineError refused(const StreamLine& line, Error error);

  const Running& running_;
  RecordDefaults defaults_;
  EqualRecords equal_;
  bool is_first_ = true;
  std::string document_;  // foreign_format() of the first line, when that begins a document.
};

/// Whether the record is at fault, rather than the store: the other lines can still go in.
[[nodiscard]] bool is_line_error(const Error& error);

/// Whether another system's format is read: import's `format`.
[[nodiscard]] bool is_foreign(const Arguments& given);

/// What an import did, put out as it goes and summed up at the end.
class ImportReport {
 public:
  ImportReport(const Running& running, const StreamEnds& lines)
      : lines_(lines),
        answer_(running.answer),
        ack_(running.arguments.flag("ack")),
        is_foreign_(is_foreign(running.arguments)) {}

  Status written(std::uint64_t line, const AddResult& result);
  Status refused(LineError error);
  [[nodiscard]] bool any_refused() const { return rejected_ > 0; }
  void finish();

 private:
  const StreamEnds& lines_;
  Answer& answer_;
  bool ack_;
  bool is_foreign_;
  std::uint64_t imported_ = 0;
  std::uint64_t unchanged_ = 0;
  std::uint64_t updated_ = 0;
  std::uint64_t rejected_ = 0;
  std::vector<LineError> errors_;
  std::map<std::string, std::uint64_t> formats_;  // Lines of each other system's format.
};

/// Writes the records that are sound, and reports the others.
Status import_loosely(const Running& running, RecordSource& source, ImportReport& report);

/// Writes all records or, when one is refused, none.
Status import_strictly(const Running& running, RecordSource& source, ImportReport& report);

}  // namespace tulving::operations
