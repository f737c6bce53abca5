#include "index/text/postings/place_table.h"

#include <algorithm>

namespace tulving::index {

std::uint32_t PlaceTable::take(std::uint32_t row, std::uint32_t length) {
  const std::uint32_t count = place_count(length);
  std::uint32_t first = limit();
  if (const auto free = free_.find(count); free != free_.end()) {
    first = free->second.back();
    free->second.pop_back();
    if (free->second.empty()) free_.erase(free);
  } else {
    lengths_.resize(std::size_t{first} + count);
    owners_.resize(std::size_t{first} + count);
  }
  const std::uint32_t beside = is_long(length) ? first + count - 1 : 0;
  std::fill_n(owners_.begin() + first, count, Owner{row, beside});
  if (beside != 0) owners_[beside].beside = 0;
  set_length(first, length);
  return first;
}

void PlaceTable::give_back(std::uint32_t first, std::uint32_t length) {
  const std::uint32_t count = place_count(length);
  std::fill_n(owners_.begin() + first, count, Owner{});
  free_[count].push_back(first);
}

void PlaceTable::set_length(std::uint32_t first, std::uint32_t length) {
  std::fill_n(lengths_.begin() + first, place_count(length), counted_length(length));
}

void PlaceTable::reserve(std::size_t places) {
  lengths_.reserve(places + 1);
  owners_.reserve(places + 1);
}

std::size_t PlaceTable::bytes() const {
  constexpr std::size_t kNodeBytes = 80;  // of the map, about
  std::size_t bytes = lengths_.capacity() * sizeof(float) + owners_.capacity() * sizeof(Owner);
  for (const auto& [count, firsts] : free_) {
    bytes += kNodeBytes + firsts.capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

}  // namespace tulving::index
