#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace tulving::index {

// A memory is scored by its best passage. A text of up to kPassageWords counted words is one
// passage. A longer one is cut into blocks of half as many, the last of them shorter, and every two
// neighbouring blocks are a passage: windows that overlap by half. Postings are by block, so that
// an overlap is stored once.

inline constexpr std::uint32_t kPassageWords = 40;
inline constexpr std::uint32_t kBlockWords = kPassageWords / 2;

/// The block of what stands beside the text and belongs to every passage: words of tags and such.
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

[[nodiscard]] constexpr std::uint32_t passage_length(std::uint32_t passage, std::uint32_t length) {
  return std::min(kPassageWords, length - passage * kBlockWords);
}

/// By how much the passages of a text count as longer than they are: the fourth root of their
/// number. The best of many passages is good by luck more often than the only one, and a passage
/// of a long text is less all of what it says.
[[nodiscard]] inline float stretch(std::uint32_t passages) {
  return std::sqrt(std::sqrt(static_cast<float>(passages)));
}

/// One row's postings of one term, ascending by block: calls `each(passage, times)` once for every
/// passage with the term in its blocks, and once for every passage when it stands beside the text.
template <class Postings, class Each>
void for_each_passage(const Postings& postings, std::uint32_t passages, Each each) {
  constexpr std::uint32_t kNone = kBeside;
  std::uint32_t open = kNone;  // a passage whose first block is seen and its second is not
  std::uint32_t open_times = 0;
  const auto close = [&] {
    if (open != kNone && open < passages) each(open, open_times);
    open = kNone;
  };
  for (const auto& posting : postings) {
    const std::uint32_t block = posting.block, times = posting.times;
    if (times == 0) continue;
    if (block == kBeside) {
      close();
      for (std::uint32_t passage = 0; passage < passages; ++passage) each(passage, times);
      continue;
    }
    const bool follows = open != kNone && block == open + 1;
    if (follows) open_times += times;
    close();
    if (!follows && block > 0) each(block - 1, times);
    open = block;
    open_times = times;
  }
  close();
}

}  // namespace tulving::index
