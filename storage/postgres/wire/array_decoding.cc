#include "storage/postgres/wire/array_decoding.h"

#include "storage/postgres/wire/binary_format.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint32_t);
constexpr std::uint32_t kDimensionsMax = 6;  // Postgres' own limit.

Error bad_array(std::string what) { return {ErrorCode::kCorruption, "has " + std::move(what)}; }

std::uint32_t word(std::string_view bytes, std::size_t index) {
  return read_big_endian<std::uint32_t>(bytes.substr(index * kWordBytes));
}

// The elements, of which there must be `count` in `bytes`, and nothing else.
Result<SplitArray> split_elements(std::string_view bytes, std::size_t count) {
  // Before anything is reserved: each has at least its length.
  if (count > bytes.size() / kWordBytes) {
    return bad_array(std::to_string(count) + " elements in " + std::to_string(bytes.size()) +
                     " bytes");
  }
  SplitArray array;
  array.elements.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes.size() < kWordBytes) return bad_array("an element that ends behind it");
    const std::size_t length = word(bytes, 0);
    bytes.remove_prefix(kWordBytes);
    if (length == kNullLength) {
      array.refused = "has an element that is NULL";
      continue;
    }
    if (length > bytes.size()) return bad_array("an element that ends behind it");
    array.elements.push_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  if (!bytes.empty()) return bad_array("bytes behind the last element");
  return array;
}

}  // namespace

Result<SplitArray> split_array(std::string_view bytes, std::uint32_t element_oid) {
  constexpr std::size_t kHead = 3 * kWordBytes;
  if (bytes.size() < kHead) return bad_array("too few bytes for an array");
  const std::uint32_t dimensions = word(bytes, 0);
  if (dimensions > kDimensionsMax) return bad_array(std::to_string(dimensions) + " dimensions");
  if (word(bytes, 1) > 1) return bad_array("unknown flags for an array");
  if (word(bytes, 2) != element_oid) {
    return bad_array("elements of type " + std::to_string(word(bytes, 2)) + ", not " +
                     std::to_string(element_oid));
  }
  bytes.remove_prefix(kHead);
  if (dimensions == 0) return split_elements(bytes, 0);
  if (bytes.size() < 2 * kWordBytes * dimensions) return bad_array("dimensions that end behind it");
  if (dimensions > 1) return SplitArray{{}, "has several dimensions"};
  return split_elements(bytes.substr(2 * kWordBytes), word(bytes, 0));
}

}  // namespace tulving::storage::postgres
