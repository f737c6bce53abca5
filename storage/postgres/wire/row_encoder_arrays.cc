// The arrays of RowEncoder: dimensions, whether there are NULLs, the type of the elements; of each
// dimension its size and lowest index; then the elements, each after its length.

#include <bit>

#include "core/base/check.h"
#include "storage/postgres/wire/binary_format.h"
#include "storage/postgres/wire/row_encoder.h"

namespace tulving::storage::postgres {

// `element_bytes`: of all elements, without their lengths.
void RowEncoder::begin_array(std::uint32_t element_oid, std::size_t elements,
                             std::size_t element_bytes) {
  constexpr std::size_t kWord = sizeof(std::uint32_t);
  const bool is_empty = elements == 0;  // Postgres has empty arrays without dimensions only.
  TULVING_DCHECK(!is_empty || element_bytes == 0);
  begin_field((is_empty ? 3 : 5) * kWord + elements * kWord + element_bytes);
  append_big_endian(bytes_, std::uint32_t{is_empty ? 0U : 1U});
  append_big_endian(bytes_, std::uint32_t{0});  // No NULLs.
  append_big_endian(bytes_, element_oid);
  if (is_empty) return;
  append_big_endian(bytes_, static_cast<std::uint32_t>(elements));
  append_big_endian(bytes_, std::uint32_t{1});  // The first has index 1, as in SQL.
}

void RowEncoder::real_array(std::span<const float> value) {
  begin_array(kRealOid, value.size(), value.size_bytes());
  for (const float element : value) {
    append_big_endian(bytes_, std::uint32_t{sizeof element});
    append_big_endian(bytes_, std::bit_cast<std::uint32_t>(element));
  }
}

void RowEncoder::text_array(std::span<const std::string> value) {
  std::size_t size = 0;
  for (const std::string& element : value) size += element.size();
  begin_array(kTextOid, value.size(), size);
  for (const std::string& element : value) {
    append_big_endian(bytes_, static_cast<std::uint32_t>(element.size()));
    bytes_ += element;
  }
}

void RowEncoder::uuid_array(std::span<const Uuid> value) {
  begin_array(kUuidOid, value.size(), value.size_bytes());
  for (const Uuid& element : value) {
    append_big_endian(bytes_, std::uint32_t{sizeof element.bytes});
    bytes_.append(element.bytes.begin(), element.bytes.end());
  }
}

}  // namespace tulving::storage::postgres
