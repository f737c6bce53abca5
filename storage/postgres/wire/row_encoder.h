#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tulving/time.h"

namespace tulving::storage::postgres {

/// Appends fields in COPY's binary form, each after its length: big-endian, so that numbers, times
/// and floats arrive as the very bits that were sent. The server checks each against the column's
/// type. One begin_row(), then exactly as many fields as it said.
class RowEncoder {
 public:
  void begin_row(std::size_t fields);

  void null();
  void text(std::string_view value);          ///< text, varchar, char.
  void text_or_null(std::string_view value);  ///< NULL where empty.
  void json(std::string_view value);          ///< jsonb; NULL where empty.
  void integer(std::int32_t value);           ///< integer.
  void boolean(bool value);
  void time(Timestamp value);  ///< timestamp or timestamptz, UTC.
  void time(std::optional<Timestamp> value);
  void vector(std::span<const float> value);  ///< pgvector's vector.

  /// The rows so far; the caller may take them away.
  [[nodiscard]] std::string& bytes() { return bytes_; }
  /// The last row has all of its fields.
  [[nodiscard]] bool is_row_whole() const { return fields_left_ == 0; }

 private:
  void begin_field(std::size_t bytes);

  std::string bytes_;
  std::size_t fields_left_ = 0;
};

/// What precedes the first row and follows the last.
[[nodiscard]] std::string_view copy_header();
[[nodiscard]] std::string_view copy_trailer();

}  // namespace tulving::storage::postgres
