#include "index/text/postings/string_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace tulving::index {

namespace {

static_assert(std::endian::native == std::endian::little);

template <class Number>
std::uint64_t load(const char* bytes) {
  Number number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

}  // namespace

// By loads that overlap, none of them past the string's ends.
StringTable::Slot StringTable::Slot::of(std::string_view string) {
  const std::size_t length = string.size();
  TULVING_DCHECK(length > 0 && length <= kShortMax);
  const char* const bytes = string.data();
  Slot slot = at(0, length);
  if (length >= 8) {
    slot.low = load<std::uint64_t>(bytes);
    if (length > 8) slot.high |= load<std::uint64_t>(bytes + length - 8) >> (8 * (16 - length));
  } else if (length >= 4) {
    slot.low = load<std::uint32_t>(bytes) | load<std::uint32_t>(bytes + length - 4)
                                                << (8 * (length - 4));
  } else {
    slot.low = load<std::uint8_t>(bytes) |
               load<std::uint8_t>(bytes + length / 2) << (8 * (length / 2)) |
               load<std::uint8_t>(bytes + length - 1) << (8 * (length - 1));
  }
  return slot;
}

// The product of both halves, each made odd-looking by a constant: its middle bits depend on all.
std::uint64_t StringTable::Slot::hash() const {
  constexpr std::uint64_t kLow = 0x9E3779B97F4A7C15U, kHigh = 0xC2B2AE3D27D4EB4FU;
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{low ^ kLow} * (high ^ kHigh);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

StringTable::Key StringTable::key_of(std::string_view string) {
  const bool is_short = !string.empty() && string.size() <= kShortMax;
  return {string, is_short ? Slot::of(string) : Slot{}};
}

std::size_t StringTable::Hash::operator()(const Key& key) const {
  return key.string.size() <= kShortMax ? key.slot.hash() : xxh3(key.string);
}

std::size_t StringTable::Hash::operator()(std::uint32_t id) const {
  const Slot& slot = table->slots_[id];
  return slot.length() <= kShortMax ? slot.hash() : xxh3(table->view(id));
}

bool StringTable::Equal::operator()(std::uint32_t id, const Key& key) const {
  if (key.string.size() <= kShortMax) return table->slots_[id] == key.slot;
  return table->view(id) == key.string;
}

StringTable::StringTable() : ids_(Hash{this}, Equal{this}) {}

std::uint32_t StringTable::find(std::string_view string) const {
  const auto found = ids_.find(key_of(string));
  return found == ids_.end() ? kNone : *found;
}

std::uint32_t StringTable::intern(std::string_view string) {
  TULVING_CHECK(!string.empty() && string.size() <= kLengthMax);
  if (const std::uint32_t id = find(string); id != kNone) return id;
  if (free_ids_.empty()) {
    slots_.emplace_back();
    free_ids_.push_back(limit() - 1);
  }
  const std::uint32_t id = free_ids_.back();
  put(id, string);
  free_ids_.pop_back();
  return id;
}

void StringTable::append(std::string_view string) {
  slots_.emplace_back();
  put(limit() - 1, string);
}

void StringTable::put(std::uint32_t id, std::string_view string) {
  if (string.size() <= kShortMax) {
    slots_[id] = Slot::of(string);
  } else {
    const std::size_t offset = bytes_.size();
    bytes_.insert(bytes_.end(), string.begin(), string.end());
    slots_[id] = Slot::at(offset, string.size());
  }
  ids_.insert(id);
}

void StringTable::erase(std::uint32_t id) {
  const std::size_t length = slots_[id].length();
  const std::size_t offset = length <= kShortMax ? 0 : slots_[id].offset();
  ids_.erase(id);
  slots_[id] = {};
  free_ids_.push_back(id);
  if (length <= kShortMax) return;
  std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), length, '\0');
  gap_bytes_ += length;
  constexpr std::size_t kGapBytesMin = 4096;
  if (gap_bytes_ > kGapBytesMin && gap_bytes_ > bytes_.size() / 2) close_gaps();
}

void StringTable::close_gaps() {
  std::vector<char> kept;
  kept.reserve(bytes_.size() - gap_bytes_);
  for (std::uint32_t id = 0; id < limit(); ++id) {
    const std::string_view string = view(id);
    if (string.size() <= kShortMax) continue;
    const std::size_t offset = kept.size();
    kept.insert(kept.end(), string.begin(), string.end());
    slots_[id] = Slot::at(offset, string.size());
  }
  bytes_ = std::move(kept);
  gap_bytes_ = 0;
}

std::size_t StringTable::bytes() const {
  return bytes_.capacity() + slots_.capacity() * sizeof(Slot) +
         free_ids_.capacity() * sizeof(std::uint32_t) +
         ids_.capacity() * (sizeof(std::uint32_t) + 1);  // one control byte a slot
}

void StringTable::reserve(std::size_t strings, std::size_t string_bytes) {
  bytes_.reserve(string_bytes);
  slots_.reserve(strings);
  ids_.reserve(strings);
}

void StringTable::skip_id() {
  slots_.emplace_back();
  free_ids_.push_back(limit() - 1);
}

}  // namespace tulving::index
