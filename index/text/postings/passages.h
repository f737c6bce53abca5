#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tulving::index {

// A memory is scored by its best passage. A text of up to kPassageWords counted words is one
// passage. A longer one is cut into blocks of half as many, the last of them shorter, and every two
// neighbouring blocks are a passage: windows that overlap by half.

inline constexpr std::uint32_t kPassageWords = 40;
inline constexpr std::uint32_t kBlockWords = kPassageWords / 2;

/// The block of what stands beside the text: words of tags and such.
inline constexpr std::uint32_t kBeside = 0xFF'FFFF;

[[nodiscard]] constexpr bool is_long(std::uint32_t length) { return length > kPassageWords; }

[[nodiscard]] constexpr std::uint32_t passage_count(std::uint32_t length) {
  return is_long(length) ? (length + kBlockWords - 1) / kBlockWords - 1 : 1;
}

[[nodiscard]] constexpr std::uint32_t last_block(std::uint32_t length) {
  return is_long(length) ? std::min(passage_count(length), kBeside - 1) : 0;
}

/// The block of the word that `position` counted words of a text of `length` come before.
[[nodiscard]] constexpr std::uint32_t block_of(std::uint32_t position, std::uint32_t length) {
  return std::min(position / kBlockWords, last_block(length));
}

/// Where a row's scores are added up: one place a passage, and for a long text one more, the last,
/// for what stands beside it. In a short text that is the passage's own.
[[nodiscard]] constexpr std::uint32_t place_count(std::uint32_t length) {
  return is_long(length) ? passage_count(length) + 1 : 1;
}

/// How long a passage counts as. Those of a long text count as full ones, times the fourth root of
/// their number: the best of many is good by luck more often than the only one, and a passage of a
/// long text is less all of what it says.
[[nodiscard]] inline float counted_length(std::uint32_t length) {
  if (!is_long(length)) return static_cast<float>(length);
  const auto passages = static_cast<float>(passage_count(length));
  return static_cast<float>(kPassageWords) * std::sqrt(std::sqrt(passages));
}

/// One row's counts of one term, ascending by block: calls `each(place, times)` once for every
/// place that has the term, ascending.
template <class Counts, class Each>
void for_each_place(const Counts& counts, std::uint32_t length, Each each) {
  if (!is_long(length)) {
    std::uint32_t times = 0;
    for (const auto& count : counts) times += count.times;
    each(std::uint32_t{0}, times);
    return;
  }
  const std::uint32_t passages = passage_count(length);
  if (counts.size() == 1) {  // As most are.
    const auto& count = *counts.begin();
    if (count.block == kBeside) {
      each(passages, count.times);
      return;
    }
    if (count.block > 0) each(count.block - 1, count.times);
    if (count.block < passages) each(count.block, count.times);
    return;
  }
  std::uint32_t open = kBeside;  // a passage whose first block is seen and its second is not
  std::uint32_t open_times = 0;
  const auto close = [&] {
    if (open < passages) each(open, open_times);
    open = kBeside;
  };
  for (const auto& count : counts) {
    const bool follows = open != kBeside && count.block == open + 1;
    if (follows) open_times += count.times;
    close();
    if (count.block == kBeside) {
      each(passages, count.times);
      return;
    }
    if (!follows && count.block > 0) each(count.block - 1, count.times);
    open = count.block;
    open_times = count.times;
  }
  close();
}

}  // namespace tulving::index
