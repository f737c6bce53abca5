#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "index/text/passages.h"

namespace tulving::index {

/// How often a block of a row has a term. Zero times: erased, not yet swept out.
struct Posting {
  std::uint32_t row = 0;
  std::uint32_t block : 24 = 0;  ///< See passages.h; 0 in a short text.
  std::uint32_t times : 8 = 0;   ///< At most kTimesMax.
};
static_assert(sizeof(Posting) == 8);

/// More occurrences in one block are counted as so many; BM25 is flat there.
inline constexpr std::uint32_t kTimesMax = 255;

/// A term in a row's block, and how often.
struct TermCount {
  std::uint32_t term = 0;
  std::uint32_t block = 0;
  std::uint32_t times = 0;

  friend bool operator==(const TermCount&, const TermCount&) = default;
};

/// The rows of one term, ascending, and within a row its blocks. An erased posting stays until a
/// quarter of the list is erased, so that erasing costs O(log n) amortised; a row between others
/// moves those behind it, O(n) bytes.
class PostingList {
 public:
  /// Sets what the row has of the term: `counts`, at least one, ascending by block.
  void set(std::uint32_t row, std::span<const TermCount> counts);
  /// A row that has the term.
  void erase(std::uint32_t row);

  /// The row's postings, erased ones among them; empty when it has none. O(log n).
  [[nodiscard]] std::span<const Posting> of_row(std::uint32_t row) const;
  [[nodiscard]] std::span<const Posting> postings() const { return postings_; }
  /// Rows that have the term.
  [[nodiscard]] std::size_t documents() const { return documents_; }
  /// Postings that are not erased.
  [[nodiscard]] std::size_t live() const { return postings_.size() - erased_; }
  [[nodiscard]] std::size_t heap_bytes() const;
  void reserve(std::size_t postings) { postings_.reserve(postings); }
  /// Adds a posting behind all others, into room that reserve() made; false when there is none.
  bool append(std::uint32_t row, const TermCount& count) {
    if (postings_.size() == postings_.capacity()) return false;
    if (postings_.empty() || postings_.back().row != row) ++documents_;
    postings_.push_back(posting_of(row, count));
    return true;
  }
  /// Hides the wait for memory that append() will write to.
  void prefetch() const { __builtin_prefetch(postings_.data() + postings_.size(), 1); }

 private:
  // Half of a vocabulary occurs once or twice: two postings fit where a vector keeps its pointers.
  using Postings = absl::InlinedVector<Posting, 2>;

  static Posting posting_of(std::uint32_t row, const TermCount& count) {
    return {row, count.block & kBeside, count.times < kTimesMax ? count.times & 0xFFU : kTimesMax};
  }
  void sweep();

  Postings postings_;
  std::uint32_t erased_ = 0;
  std::uint32_t documents_ = 0;
};

}  // namespace tulving::index
