#pragma once

#include <cstddef>
#include <cstdint>

namespace tulving::index {

inline constexpr std::size_t kHeapBlockBytes = 16;  ///< What the allocator adds to a block, about.

/// How often a place has a term; at least once.
struct Posting {
  std::uint32_t place = 0;
  std::uint32_t times = 0;

  friend bool operator==(const Posting&, const Posting&) = default;
};

/// More occurrences in one block are counted as so many; BM25 is flat there.
inline constexpr std::uint32_t kTimesMax = 255;
/// A place is of two blocks at most, or of one and what stands beside it.
inline constexpr std::uint32_t kPlaceTimesMax = 2 * kTimesMax;

/// A term in a row's block, and how often.
struct TermCount {
  std::uint32_t term = 0;
  std::uint32_t block = 0;
  std::uint32_t times = 0;

  friend bool operator==(const TermCount&, const TermCount&) = default;
};

/// A row's places, side by side.
struct PlaceRange {
  std::uint32_t first = 0, count = 0;

  [[nodiscard]] std::uint32_t end() const { return first + count; }
};

}  // namespace tulving::index
