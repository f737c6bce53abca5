#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "core/base/flat_hash.h"
#include "core/json/foreign/foreign.h"
#include "core/operations/streams/entry_spool.h"
#include "core/operations/streams/foreign_entries.h"
#include "core/operations/streams/import.h"

namespace tulving::operations {

/// The records that the entries of another system's file are.
///
/// The elements of a row's lists stand in it before or after what they need of it, so they wait in
/// an EntrySpool until the row is whole. An entry is one error at most, and where a row is one, its
/// elements go with it. RAM: what an entry takes, and some 40 bytes for each that has an id, by
/// which a second one with other values is refused: else each import would write both anew.
class ForeignReader : public RecordSource {
 public:
  ForeignReader(const Running& running, const StreamEnds& lines, const json::ForeignFormat& format);
  Result<Next> next() override;

 private:
  Status take(Entry entry);
  Status take_row(const Entry& entry);
  Status take_element(const Entry& entry);
  Status spread_lists(const Entry& row);
  void take_record(const Entry& entry, Record record, EqualRecords& equal);
  void make_session(const Entry& entry, const Memory& memory);
  [[nodiscard]] bool has_session(const std::string& session_id) const;
  void refuse(const Entry& entry, Error error, std::string format = {});
  void end(const Entry& entry);
  [[nodiscard]] Result<json::ForeignEntry> judged(const Entry& entry) const;
  [[nodiscard]] std::optional<Error> known_otherwise(const Record& record);

  const Running& running_;
  const json::ForeignFormat& format_;
  RecordDefaults defaults_;
  ForeignEntries entries_;
  std::deque<std::variant<LineRecord, LineError>> ready_;

  json::ForeignRow row_;  // Whose elements are taken.
  EntrySpool elements_;
  bool is_taking_elements_ = false;
  EqualRecords equal_rows_;
  EqualRecords equal_elements_;  // Of row_: they name it, so others have no equal ones.

  FlatMap<EntryKey, std::uint64_t> known_;  // A digest of the values.
  FlatSet<EntryKey> sessions_;              // That are there, or were made.
  std::uint64_t taken_ = 0;                 // Entries that could be read.
  std::uint64_t unreadable_ = 0;
  bool is_over_ = false;
};

}  // namespace tulving::operations
