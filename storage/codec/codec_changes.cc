// The feed's rows, and what may be asked of any row without decoding it.

#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

namespace tulving::storage {
namespace {

template <class Integer>
Integer integer_at(std::string_view bytes, std::size_t offset) {
  Integer value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

std::string encode_change(const ChangeRow& row) {
  auto& builder = thread_builder();
  flatbuffers::Offset<ByteVector> kinds;
  flatbuffers::Offset<IdVector> ids;
  if (const std::size_t count = row.changed.size(); count > 0) {
    std::uint8_t* kind = nullptr;
    kinds = builder.CreateUninitializedVector(count, &kind);
    for (const auto& changed : row.changed) *kind++ = changed.kind;
    fbs::Id* id = nullptr;
    ids = builder.CreateUninitializedVectorOfStructs(count, &id);
    for (const auto& changed : row.changed) *id++ = to_fbs(changed.id);
  }
  return take_bytes(builder,
                    fbs::CreateChanges(builder, row.revision, row.total, row.tenant, kinds, ids));
}

Result<ChangeRow> decode_change(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Changes>(aligned.get());
  if (row == nullptr) return corrupt_row("row of the change feed", "its bytes are not a record");
  const std::size_t count = row->kinds() == nullptr ? 0 : row->kinds()->size();
  if (count != (row->ids() == nullptr ? 0 : row->ids()->size())) {
    return corrupt_row("row of the change feed", "its kinds and ids differ in number");
  }
  ChangeRow found{row->revision(), row->total(), row->tenant(), {}};
  found.changed.reserve(count);
  for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
    found.changed.push_back({row->kinds()->Get(i), from_fbs(row->ids()->Get(i))});
  }
  return found;
}

// A buffer starts with the offset of its table, a table with the distance back to its vtable, and a
// vtable with its length, the table's, and then the place of each field in it: of field 0, which
// every table has for its revision, two bytes that are 0 where it is left out.
Result<std::uint64_t> row_revision(std::string_view bytes) {
  constexpr std::size_t kFirstField = 2 * sizeof(std::uint16_t);
  const auto fits = [&](std::int64_t offset, std::size_t size) {
    return offset >= 0 && static_cast<std::uint64_t>(offset) + size <= bytes.size();
  };
  const auto damaged = [] { return corrupt_row("row", "its bytes are not a record"); };
  if (!fits(0, sizeof(std::uint32_t))) return damaged();
  const std::int64_t table = integer_at<std::uint32_t>(bytes, 0);
  if (!fits(table, sizeof(std::int32_t))) return damaged();
  const std::int64_t fields =
      table - integer_at<std::int32_t>(bytes, static_cast<std::size_t>(table));
  if (!fits(fields, kFirstField)) return damaged();
  const auto length = integer_at<std::uint16_t>(bytes, static_cast<std::size_t>(fields));
  if (length < kFirstField || !fits(fields, length)) return damaged();
  if (length < kFirstField + sizeof(std::uint16_t)) return std::uint64_t{0};
  const auto place =
      integer_at<std::uint16_t>(bytes, static_cast<std::size_t>(fields) + kFirstField);
  if (place == 0) return std::uint64_t{0};
  if (!fits(table + place, sizeof(std::uint64_t))) return damaged();
  return integer_at<std::uint64_t>(bytes, static_cast<std::size_t>(table) + place);
}

}  // namespace tulving::storage
