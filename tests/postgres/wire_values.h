#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/wire/field.h"
#include "storage/postgres/wire/row_decoder.h"

// Rows of a table that has a column of every type, for tests of what sends and reads them.

namespace tulving::testing {

using FieldRow = std::vector<storage::postgres::Field>;

/// The columns in order; the fourth is a serial and the rows' number.
[[nodiscard]] std::vector<storage::postgres::ColumnType> wire_columns();
/// Makes the type `mood` and the table `wire`.
[[nodiscard]] std::string wire_table_sql();

/// What is likely to go wrong: empty, quoted, foreign, extreme, absent. Numbered from 1.
[[nodiscard]] std::vector<FieldRow> edge_rows();
[[nodiscard]] FieldRow random_row(std::mt19937& random, std::int32_t number);

/// The fields as COPY has them, by which rows are compared: -0.0 is not 0.0 there.
[[nodiscard]] std::string bytes_of(const FieldRow& row);
/// A whole binary COPY.
[[nodiscard]] std::string stream_of(const std::vector<FieldRow>& rows);

/// What a decoder made of a stream.
struct Decoded {
  std::vector<storage::postgres::RowDecoder::Row> rows;
  Status status;
};
/// Gives `stream` to a decoder in pieces of `piece` bytes.
[[nodiscard]] Decoded decoded(std::string_view stream,
                              std::vector<storage::postgres::ColumnType> columns,
                              std::size_t piece = std::string_view::npos);

}  // namespace tulving::testing
