#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "index/text/postings/place_table.h"
#include "index/text/postings/posting.h"
#include "index/text/postings/saved_index.h"
#include "index/text/postings/score_bound.h"

namespace tulving::index {

/// Up to 128 postings of one term, packed: of each the distance from the place before and the times
/// less one, in as many bits as the greatest takes (bit_packing.h). 24 bytes, and of a term of one
/// text in a hundred some 11 bits a posting.
class PostingBlock {
 public:
  static constexpr std::size_t kSizeMax = 128;
  using Buffer = std::array<Posting, kSizeMax>;

  /// At least one posting, ascending.
  PostingBlock(std::span<const Posting> postings, const PlaceTable& places);
  /// From a checkpoint, where is_sound(): words_of(saved) words are its bits. What it unpacks to is
  /// to be checked: it may be anything.
  PostingBlock(const SavedBlock& saved, const std::uint32_t* words);
  [[nodiscard]] static bool is_sound(const SavedBlock& saved);
  [[nodiscard]] static std::size_t words_of(const SavedBlock& saved);
  [[nodiscard]] SavedBlock saved() const;
  [[nodiscard]] std::span<const std::uint32_t> bits() const { return {bits_.get(), words()}; }

  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] std::uint32_t last() const { return last_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const ScoreBound& bound() const { return bound_; }
  /// Whether the bound holds for what the block has.
  [[nodiscard]] bool is_bounded(const PlaceTable& places) const;
  /// Some of its places have a length of `length` from now on.
  void shorten(float length) { bound_.shorten(length); }
  /// All of them, in `buffer`.
  std::span<const Posting> unpack(Buffer& buffer) const;
  /// Hides the wait for what unpack() will read.
  void prefetch() const { __builtin_prefetch(bits_.get()); }
  [[nodiscard]] std::size_t heap_bytes() const;

 private:
  [[nodiscard]] std::size_t words() const;

  std::unique_ptr<std::uint32_t[]> bits_;  // of the distances, then of the times
  std::uint32_t first_, last_;
  ScoreBound bound_;
  std::uint8_t size_, gap_bits_ = 0, times_bits_ = 0;
};
static_assert(sizeof(PostingBlock) == 24);

}  // namespace tulving::index
