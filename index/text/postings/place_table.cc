#include "index/text/postings/place_table.h"

#include <algorithm>
#include <iterator>

namespace tulving::index {

const std::array<float, PlaceTable::kVeryLong> PlaceTable::kLengths = [] {
  std::array<float, kVeryLong> lengths = {};
  for (std::uint32_t length = 0; code_of(length) != kVeryLong; ++length) {
    lengths[code_of(length)] = counted_length(length);
  }
  return lengths;
}();

std::uint8_t PlaceTable::code_of(std::uint32_t length) {
  const std::uint32_t code = is_long(length) ? kPassageWords - 1 + passage_count(length) : length;
  return static_cast<std::uint8_t>(std::min(code, std::uint32_t{kVeryLong}));
}

float PlaceTable::very_long_length(std::uint32_t place) const {
  return std::prev(very_long_.upper_bound(place))->second;
}

std::uint32_t PlaceTable::take(std::uint32_t row, std::uint32_t length) {
  const std::uint32_t count = place_count(length);
  longest_ = std::max(longest_, count);
  std::uint32_t first = limit();
  if (const auto free = free_.find(count); free != free_.end()) {
    first = free->second.back();
    free->second.pop_back();
    if (free->second.empty()) free_.erase(free);
  } else {
    codes_.resize(std::size_t{first} + count);
    owners_.resize(std::size_t{first} + count);
    is_beside_.resize(std::size_t{first} + count);
  }
  put(row, first, length);
  return first;
}

void PlaceTable::put(std::uint32_t row, std::uint32_t first, std::uint32_t length) {
  const std::uint32_t count = place_count(length);
  const std::uint32_t beside = is_long(length) ? first + count - 1 : 0;
  std::fill_n(owners_.begin() + first, count, Owner{row, beside});
  if (beside != 0) owners_[beside].beside = 0;
  is_beside_[first + count - 1] = beside != 0;
  set_length(first, length);
}

void PlaceTable::restore(std::uint32_t limit) {
  codes_.resize(limit);
  owners_.resize(limit);
  is_beside_.resize(limit);
}

bool PlaceTable::restore(std::uint32_t row, std::uint32_t first, std::uint32_t length) {
  const std::uint32_t count = place_count(length);
  if (!are_nobodys(first, count)) return false;
  longest_ = std::max(longest_, count);
  put(row, first, length);
  return true;
}

/// Whether there are such places, and no row has one.
bool PlaceTable::are_nobodys(std::uint32_t first, std::uint32_t count) const {
  if (first == 0 || first >= limit() || count > limit() - first) return false;
  const auto begin = owners_.begin() + first;
  return std::none_of(begin, begin + count,
                      [](const Owner& owner) { return owner.row != UINT32_MAX; });
}

bool PlaceTable::restore_free(std::span<const PlaceRange> free) {
  std::uint32_t end = 1;
  for (const PlaceRange& range : free) {
    if (range.count == 0 || range.first < end || !are_nobodys(range.first, range.count)) {
      return false;
    }
    end = range.end();
    longest_ = std::max(longest_, range.count);
    free_[range.count].push_back(range.first);
  }
  return true;
}

std::vector<PlaceRange> PlaceTable::free() const {
  std::vector<PlaceRange> all;
  for (const auto& [count, firsts] : free_) {
    for (const std::uint32_t first : firsts) all.push_back({first, count});
  }
  std::ranges::sort(all, {}, &PlaceRange::first);
  return all;
}

void PlaceTable::give_back(std::uint32_t first, std::uint32_t length) {
  const std::uint32_t count = place_count(length);
  std::fill_n(owners_.begin() + first, count, Owner{});
  very_long_.erase(first);
  free_[count].push_back(first);
}

void PlaceTable::set_length(std::uint32_t first, std::uint32_t length) {
  const std::uint8_t code = code_of(length);
  std::fill_n(codes_.begin() + first, place_count(length), code);
  if (code == kVeryLong) very_long_[first] = counted_length(length);
}

std::size_t PlaceTable::bytes() const {
  constexpr std::size_t kNodeBytes = 80;  // of the map, about
  std::size_t bytes = codes_.capacity() + very_long_.size() * kNodeBytes +
                      owners_.capacity() * sizeof(Owner) + is_beside_.capacity() / 8;
  for (const auto& [count, firsts] : free_) {
    bytes += kNodeBytes + firsts.capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

}  // namespace tulving::index
