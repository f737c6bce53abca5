#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/text/postings/posting.h"

namespace tulving::index {

/// A packed block without its words.
struct SavedBlock {
  std::uint32_t first = 0, last = 0;  ///< Places.
  std::array<std::uint8_t, 5> bound = {};
  std::uint8_t size = 0, gap_bits = 0, times_bits = 0;
};
static_assert(sizeof(SavedBlock) == 16);

/// An inverted index as a checkpoint has it; index/text/text_checkpoint.cc says what each is.
struct SavedIndex {
  std::vector<std::uint32_t> rows;  ///< Ascending. By row:
  std::vector<std::uint64_t> digests;
  std::vector<std::uint32_t> lengths, first_places;
  std::vector<std::byte> lists;
  std::vector<PlaceRange> free_places;                  ///< Ascending.
  std::vector<std::uint32_t> block_counts, tail_sizes;  ///< By term; of these, one after another:
  std::vector<SavedBlock> blocks;
  std::vector<std::uint32_t> words;
  std::vector<Posting> tails;
};

}  // namespace tulving::index
