#include "index/text/postings/string_table.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace tulving::index {

StringTable::StringTable() : ids_(Hash{this}, Equal{this}) {}

std::uint32_t StringTable::find(std::string_view string) const {
  const auto found = ids_.find(string);
  return found == ids_.end() ? kNone : *found;
}

std::uint32_t StringTable::intern(std::string_view string) {
  TULVING_CHECK(!string.empty() && string.size() <= kLengthMask);
  if (const std::uint32_t id = find(string); id != kNone) return id;
  if (free_ids_.empty()) {
    slots_.push_back(0);
    free_ids_.push_back(limit() - 1);
  }
  const std::uint32_t id = free_ids_.back();
  put(id, string);
  free_ids_.pop_back();
  return id;
}

void StringTable::append(std::string_view string) {
  slots_.push_back(0);
  put(limit() - 1, string);
}

void StringTable::put(std::uint32_t id, std::string_view string) {
  const std::size_t offset = bytes_.size();
  bytes_.insert(bytes_.end(), string.begin(), string.end());
  slots_[id] = Slot{offset} << kLengthBits | string.size();
  ids_.insert(id);
}

void StringTable::erase(std::uint32_t id) {
  const std::size_t offset = slots_[id] >> kLengthBits;
  const std::size_t length = slots_[id] & kLengthMask;
  ids_.erase(id);
  std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), length, '\0');
  slots_[id] = 0;
  free_ids_.push_back(id);
  gap_bytes_ += length;
  constexpr std::size_t kGapBytesMin = 4096;
  if (gap_bytes_ > kGapBytesMin && gap_bytes_ > bytes_.size() / 2) close_gaps();
}

void StringTable::close_gaps() {
  std::vector<char> kept;
  kept.reserve(bytes_.size() - gap_bytes_);
  for (std::uint32_t id = 0; id < limit(); ++id) {
    const std::string_view string = view(id);
    if (string.empty()) continue;
    const Slot slot = Slot{kept.size()} << kLengthBits | string.size();
    kept.insert(kept.end(), string.begin(), string.end());
    slots_[id] = slot;
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
  slots_.push_back(0);
  free_ids_.push_back(limit() - 1);
}

}  // namespace tulving::index
