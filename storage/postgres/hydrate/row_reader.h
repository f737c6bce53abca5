#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "storage/postgres/hydrate/place.h"
#include "storage/postgres/hydrate/read_record.h"
#include "storage/postgres/hydrate/table_query.h"
#include "storage/postgres/wire/row_decoder.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Makes records of the rows that a TableQuery answers: one of each, or of several that follow one
/// another, where a memory has several vectors.
class RowReader {
 public:
  struct Ends {
    std::function<Status(ReadRecord&& record)> take;
    std::function<void(const std::string& key, std::string reason)> refuse;
    /// Whether the row of a parent's table was refused.
    std::function<bool(std::string_view table, const std::string& key)> was_refused;
    /// The ids of memories by the caller's own names, of those that these do not give. Added to.
    std::unordered_map<std::string, Uuid>& ids;
  };
  RowReader(const TableQuery& query, const Projection& projection, const Place& place, Ends ends);

  /// A row of the answer.
  Status take(RowDecoder::Row& row);
  /// After the last one.
  Status finish();

 private:
  void begin(RowDecoder::Row& row, std::string key);
  void read_field(const TableQuery::Answered& column, Field value);
  void read_ledger_id(const Field& value);
  void read_elements(const TableQuery::Answered& column, Field value);
  void read_vector(RowDecoder::Row& row);
  void give_id();
  [[nodiscard]] Field memory_id(const Field& value) const;
  void refuse(const TableQuery::Answered& column, const std::string& why);
  [[nodiscard]] Reading reading() { return {pending_->record, place_.tenant()}; }

  const TableQuery& query_;
  const Projection& projection_;
  const Place& place_;
  Ends ends_;
  std::optional<ReadRecord> pending_;
  std::string refused_;  ///< Why the pending one is; empty: it is not.
};

}  // namespace tulving::storage::postgres
