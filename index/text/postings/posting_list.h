#pragma once

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/text/postings/place_table.h"
#include "index/text/postings/posting.h"
#include "index/text/postings/posting_block.h"

namespace tulving::index {

/// The places of one term, ascending: packed blocks, and behind them a tail of the latest, as they
/// are, until it is worth packing. Adding to the end is O(1) amortised; what changes between others
/// packs one block anew.
class PostingList {
 public:
  /// Longer tails are packed. Whole blocks: nothing is packed twice, and short lists are read as
  /// they lie.
  static constexpr std::size_t kTailMax = PostingBlock::kSizeMax;

  /// Sets what a row has of the term: `postings`, at least one, ascending, of its places, whose
  /// lengths `table` has.
  void set(PlaceRange places, std::span<const Posting> postings, const PlaceTable& table);
  /// A row that has the term.
  void erase(PlaceRange places, const PlaceTable& table);
  /// A row that has the term keeps its postings, and its places have a length of `length` now.
  void shorten(PlaceRange places, float length);
  /// For loading, into an empty list: `postings` so many in blocks and tail, of so many rows. All
  /// is checked by the caller.
  void restore(std::vector<PostingBlock> blocks, std::span<const Posting> tail,
               std::uint32_t postings, std::uint32_t rows);

  [[nodiscard]] std::span<const PostingBlock> blocks() const {
    return packed_ == nullptr ? std::span<const PostingBlock>() : packed_->blocks;
  }
  [[nodiscard]] std::span<const Posting> tail() const { return tail_; }
  /// The first block that ends at `place` or behind it.
  [[nodiscard]] std::size_t block_at(std::uint32_t place) const;
  /// Rows that have the term.
  [[nodiscard]] std::size_t documents() const { return documents_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t heap_bytes() const;
  /// Hides the wait for memory that set() will write to.
  void prefetch() const { __builtin_prefetch(tail_.data() + tail_.size(), 1); }

 private:
  // Half of a vocabulary occurs once or twice: two postings fit where a vector keeps its pointers.
  using Tail = absl::InlinedVector<Posting, 2>;
  struct Packed {
    std::vector<PostingBlock> blocks;
    std::size_t bytes = 0;  // of the blocks, on the heap
  };

  void pack_tail(const PlaceTable& table);
  std::size_t replace(PlaceRange places, std::span<const Posting> postings,
                      const PlaceTable& table);
  std::size_t replace_in_tail(PlaceRange places, std::span<const Posting> postings);
  std::size_t replace_in_blocks(PlaceRange places, std::span<const Posting> postings,
                                const PlaceTable& table);
  void put_blocks(std::size_t first, std::size_t last, std::span<const Posting> postings,
                  const PlaceTable& table);

  Tail tail_;
  std::unique_ptr<Packed> packed_;  // null: there are no blocks
  std::uint32_t size_ = 0;
  std::uint32_t documents_ = 0;
};

/// Some postings' part within places from `first` to before `end`.
[[nodiscard]] inline std::span<const Posting> postings_within(std::span<const Posting> postings,
                                                              std::uint32_t first,
                                                              std::uint32_t end) {
  const auto before = [](const Posting& posting, std::uint32_t place) {
    return posting.place < place;
  };
  const auto begins = std::lower_bound(postings.begin(), postings.end(), first, before);
  return {begins, std::lower_bound(begins, postings.end(), end, before)};
}

}  // namespace tulving::index
