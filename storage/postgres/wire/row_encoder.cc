#include "storage/postgres/wire/row_encoder.h"

#include <bit>
#include <chrono>

#include "core/base/check.h"
#include "storage/postgres/wire/binary_format.h"

namespace tulving::storage::postgres {

void RowEncoder::begin_row(std::size_t fields) {
  TULVING_DCHECK(fields > 0 && fields < 0x8000);  // Negative in COPY's 16 bits: the end.
  fields_left_ = fields;
  append_big_endian(bytes_, static_cast<std::uint16_t>(fields));
}

void RowEncoder::begin_field(std::size_t bytes) {
  TULVING_DCHECK(fields_left_ > 0);  // The row has as many as it said.
  TULVING_DCHECK(bytes < 0x8000'0000 || bytes == kNullLength);
  --fields_left_;
  append_big_endian(bytes_, static_cast<std::uint32_t>(bytes));
}

void RowEncoder::null() { begin_field(kNullLength); }

void RowEncoder::text(std::string_view value) {
  begin_field(value.size());
  bytes_ += value;
}

void RowEncoder::text_or_null(std::string_view value) { value.empty() ? null() : text(value); }

void RowEncoder::json(std::string_view value) {
  if (value.empty()) return null();
  begin_field(value.size() + 1);
  bytes_ += '\1';  // The version of jsonb's external form.
  bytes_ += value;
}

void RowEncoder::uuid(const Uuid& value) {
  begin_field(value.bytes.size());
  bytes_.append(value.bytes.begin(), value.bytes.end());
}

void RowEncoder::integer(std::int32_t value) {
  begin_field(sizeof value);
  append_big_endian(bytes_, static_cast<std::uint32_t>(value));
}

void RowEncoder::bigint(std::int64_t value) {
  begin_field(sizeof value);
  append_big_endian(bytes_, static_cast<std::uint64_t>(value));
}

void RowEncoder::double_precision(double value) {
  begin_field(sizeof value);
  append_big_endian(bytes_, std::bit_cast<std::uint64_t>(value));
}

void RowEncoder::boolean(bool value) {
  begin_field(1);
  bytes_ += value ? '\1' : '\0';
}

void RowEncoder::time(Timestamp value) {
  begin_field(sizeof(std::int64_t));
  const std::int64_t micros = (value.time_since_epoch() - kPostgresEpoch).count();
  append_big_endian(bytes_, static_cast<std::uint64_t>(micros));
}

void RowEncoder::time(std::optional<Timestamp> value) { value ? time(*value) : null(); }

void RowEncoder::vector(std::span<const float> value) {
  TULVING_DCHECK(value.size() <= 0x7FFF);  // pgvector counts dimensions in 16 bits.
  begin_field(2 * sizeof(std::uint16_t) + value.size() * sizeof(float));
  append_big_endian(bytes_, static_cast<std::uint16_t>(value.size()));
  append_big_endian(bytes_, std::uint16_t{0});  // Unused by pgvector, which insists on 0.
  const std::size_t start = bytes_.size();
  bytes_.resize(start + value.size() * sizeof(float));
  char* out = bytes_.data() + start;
  for (const float element : value) {
    const auto bits = std::bit_cast<std::uint32_t>(element);
    *out++ = static_cast<char>(bits >> 24U);
    *out++ = static_cast<char>((bits >> 16U) & 0xFFU);
    *out++ = static_cast<char>((bits >> 8U) & 0xFFU);
    *out++ = static_cast<char>(bits & 0xFFU);
  }
}

std::string_view copy_header() {
  using namespace std::string_view_literals;
  return "PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0"sv;  // Signature, no flags, no extension.
}

std::string_view copy_trailer() {
  using namespace std::string_view_literals;
  return "\xFF\xFF"sv;  // A row of -1 fields.
}

}  // namespace tulving::storage::postgres
