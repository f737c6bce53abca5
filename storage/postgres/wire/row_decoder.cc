#include "storage/postgres/wire/row_decoder.h"

#include "core/base/check.h"
#include "storage/postgres/wire/binary_format.h"
#include "storage/postgres/wire/field_decoding.h"
#include "storage/postgres/wire/row_encoder.h"

namespace tulving::storage::postgres {
namespace {

// Postgres makes a row in one piece of memory, of which it allows 1 GB.
constexpr std::size_t kRowBytesMax = 1UL << 30U;
constexpr std::uint16_t kTrailerFields = 0xFFFF;  // -1.

}  // namespace

RowDecoder::RowDecoder(std::vector<ColumnType> columns, OnRow on_row)
    : columns_(std::move(columns)), on_row_(std::move(on_row)) {
  TULVING_DCHECK(!columns_.empty() && columns_.size() < 0x8000 && on_row_ != nullptr);
}

Error RowDecoder::malformed(const std::string& what) const {
  return {ErrorCode::kCorruption, "what the server sent is no binary COPY of " +
                                      std::to_string(columns_.size()) + " columns: row " +
                                      std::to_string(rows_ + 1) + ", " + what};
}

std::string_view RowDecoder::from(std::size_t position) const {
  TULVING_DCHECK(position <= buffer_.size());
  return std::string_view(buffer_).substr(position);
}

Status RowDecoder::feed(std::string_view bytes) {
  if (failed_) return *failed_;
  buffer_ += bytes;
  if (auto status = read(); !status) {
    failed_ = status.error();
    return status;
  }
  TULVING_DCHECK(row_start_ <= position_ && position_ <= buffer_.size());
  buffer_.erase(0, row_start_);
  position_ -= row_start_;
  row_start_ = 0;
  return {};
}

Status RowDecoder::finish() {
  if (failed_) return *failed_;
  if (!has_ended_) failed_ = malformed("the stream ends too early");
  return failed_ ? Status(*failed_) : Status();
}

Status RowDecoder::read() {
  if (auto status = read_header(); !status) return status;
  while (has_header_ && !has_ended_) {
    const auto is_whole = find_row();
    if (!is_whole) return is_whole.error();
    if (!*is_whole) break;
    if (auto status = decode_row(); !status) return status;
    row_start_ = position_;
  }
  if (has_ended_ && position_ != buffer_.size()) return malformed("bytes follow the end");
  return {};
}

// No server sends flags or extensions, of which we would know none.
Status RowDecoder::read_header() {
  if (has_header_) return {};
  const auto header = copy_header();
  const auto found = from(0).substr(0, header.size());
  if (!header.starts_with(found)) return malformed("the header is not the one that is known");
  has_header_ = found.size() == header.size();
  if (has_header_) position_ = row_start_ = header.size();
  return {};
}

// Whether the row from row_start_ on is whole, up to position_. Goes on where it stopped, so that a
// row which comes in many pieces is looked at once.
Result<bool> RowDecoder::find_row() {
  if (fields_left_ == 0) {
    if (from(position_).size() < sizeof(std::uint16_t)) return false;
    const auto fields = read_big_endian<std::uint16_t>(from(position_));
    if (fields != kTrailerFields && fields != columns_.size()) {
      return malformed("fields: " + std::to_string(static_cast<std::int16_t>(fields)));
    }
    position_ += sizeof fields;
    has_ended_ = fields == kTrailerFields;
    if (has_ended_) return false;
    fields_left_ = fields;
  }
  for (; fields_left_ > 0; --fields_left_) {
    if (from(position_).size() < sizeof(std::uint32_t)) return false;
    const auto length = read_big_endian<std::uint32_t>(from(position_));
    const std::size_t end = position_ + sizeof length + (length == kNullLength ? 0 : length);
    if (end - row_start_ > kRowBytesMax) {
      return malformed("column " + std::to_string(columns_.size() - fields_left_ + 1) +
                       ": bytes: " + std::to_string(static_cast<std::int32_t>(length)));
    }
    if (end > buffer_.size()) return false;
    position_ = end;
  }
  return true;
}

Status RowDecoder::decode_row() {
  TULVING_DCHECK(fields_left_ == 0);
  row_.fields.assign(columns_.size(), Field());
  row_.refused.reset();
  auto bytes = from(row_start_ + sizeof(std::uint16_t)).substr(0, position_ - row_start_ - 2);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto length = read_big_endian<std::uint32_t>(bytes);
    bytes.remove_prefix(sizeof length);
    if (length == kNullLength) continue;
    TULVING_DCHECK(length <= bytes.size());  // find_row() saw them.
    auto decoded = decode_field(bytes.substr(0, length), columns_[i]);
    if (!decoded) {
      return malformed("column " + std::to_string(i + 1) + ": it " + decoded.error().message);
    }
    if (!decoded->refused.empty() && !row_.refused) row_.refused = {i, decoded->refused};
    row_.fields[i] = std::move(decoded->field);
    bytes.remove_prefix(length);
  }
  TULVING_DCHECK(bytes.empty());
  ++rows_;
  return on_row_(row_);
}

}  // namespace tulving::storage::postgres
