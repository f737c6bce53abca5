#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/wire/field.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Reads the rows of a binary COPY from its bytes, given in pieces of any size; see
/// Connection::copy_out(). Holds one row, or one piece where that is larger.
///
/// Errors: kCorruption for what is no such stream of such columns, with row and column, both
///   counted from 1. Nothing is taken on trust: no length, no number of fields, no type. The rows
///   before it were given. An error stays: whatever follows is answered with it.
class RowDecoder {
 public:
  /// A value that the database may hold and no Field: NaN, infinity, a time outside the years 1 to
  /// 9999, ... (field_decoding.h).
  struct Refusal {
    std::size_t column;  ///< Counted from 0.
    std::string why;     ///< Goes on after the column's name: "is NaN".
  };
  struct Row {
    std::vector<Field> fields;       ///< As many as columns; a refused one is std::monostate.
    std::optional<Refusal> refused;  ///< The first of them. The other fields are there.
  };
  /// May move from the row. An error ends the reading.
  using OnRow = std::function<Status(Row& row)>;

  RowDecoder(std::vector<ColumnType> columns, OnRow on_row);

  Status feed(std::string_view bytes);
  /// After the last piece. kCorruption: the stream has not come to its end.
  Status finish();
  /// Rows given so far.
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  Status read();
  Status read_header();
  Result<bool> find_row();
  Status decode_row();
  [[nodiscard]] Error malformed(const std::string& what) const;
  [[nodiscard]] std::string_view from(std::size_t position) const;

  std::vector<ColumnType> columns_;
  OnRow on_row_;
  Row row_;
  std::string buffer_;           // From the start of the row that is not whole yet.
  std::size_t position_ = 0;     // Up to here it was looked at.
  std::size_t row_start_ = 0;    // Of the row whose fields are being looked for.
  std::size_t fields_left_ = 0;  // Of that row; 0: not even their number was seen.
  std::uint64_t rows_ = 0;
  bool has_header_ = false;
  bool has_ended_ = false;  // The trailer was seen.
  std::optional<Error> failed_;
};

}  // namespace tulving::storage::postgres
