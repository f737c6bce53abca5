#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving::storage::postgres {

/// Appends fields in COPY's binary form, each after its length: big-endian, so that numbers, times
/// and floats arrive as the very bits that were sent. The server checks each against the column's
/// type. One begin_row(), then exactly as many fields as it said.
class RowEncoder {
 public:
  void begin_row(std::size_t fields);

  void null();
  void text(std::string_view value);          ///< text, varchar, char, an enum type.
  void text_or_null(std::string_view value);  ///< NULL where empty.
  void json(std::string_view value);          ///< jsonb; NULL where empty.
  void uuid(const Uuid& value);
  void boolean(bool value);
  void integer(std::int32_t value);     ///< integer.
  void bigint(std::int64_t value);      ///< bigint.
  void double_precision(double value);  ///< double precision, also NaN and infinities.
  void time(Timestamp value);           ///< timestamp or timestamptz, UTC.
  void time(std::optional<Timestamp> value);

  /// numeric with 4 decimals, of a finite double: rounded as Postgres rounds the shortest text that
  /// reads back as it, half away from zero. What the column cannot hold, the server refuses.
  void numeric(double value);

  void vector(std::span<const float> value);            ///< pgvector's vector.
  void real_array(std::span<const float> value);        ///< real[].
  void text_array(std::span<const std::string> value);  ///< text[], none of them NULL.
  void uuid_array(std::span<const Uuid> value);         ///< uuid[].

  /// The rows so far; the caller may take them away.
  [[nodiscard]] std::string& bytes() { return bytes_; }
  /// The last row has all of its fields.
  [[nodiscard]] bool is_row_whole() const { return fields_left_ == 0; }

 private:
  void begin_field(std::size_t bytes);
  void begin_array(std::uint32_t element_oid, std::size_t elements, std::size_t element_bytes);

  std::string bytes_;
  std::size_t fields_left_ = 0;
};

/// What precedes the first row and follows the last.
[[nodiscard]] std::string_view copy_header();
[[nodiscard]] std::string_view copy_trailer();

}  // namespace tulving::storage::postgres
