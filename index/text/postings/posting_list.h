#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace tulving::index {

inline constexpr std::size_t kHeapBlockBytes = 16;  ///< What the allocator adds to a block, about.

/// How often a place has a term. Zero times: erased, not yet swept out.
struct Posting {
  std::uint32_t place = 0;
  std::uint32_t times = 0;
};

/// More occurrences in one block are counted as so many; BM25 is flat there.
inline constexpr std::uint32_t kTimesMax = 255;

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
};

/// The places of one term, ascending. An erased posting stays until a quarter of the list is
/// erased, so that erasing costs O(log n) amortised; a row between others moves those behind it,
/// O(n) bytes.
class PostingList {
 public:
  /// Sets what a row has of the term: `postings`, at least one, ascending, of its places.
  void set(PlaceRange places, std::span<const Posting> postings);
  /// A row that has the term.
  void erase(PlaceRange places);

  /// A row's postings, erased ones among them; empty when it has none. O(log n).
  [[nodiscard]] std::span<const Posting> of(PlaceRange places) const;
  [[nodiscard]] std::span<const Posting> postings() const { return postings_; }
  /// Rows that have the term.
  [[nodiscard]] std::size_t documents() const { return documents_; }
  /// Postings that are not erased.
  [[nodiscard]] std::size_t live() const { return postings_.size() - erased_; }
  [[nodiscard]] std::size_t heap_bytes() const;
  void reserve(std::size_t postings) { postings_.reserve(postings); }
  /// Adds a row's posting behind all others, into room that reserve() made; false when there is
  /// none. `begins`: it is the row's first.
  bool append(Posting posting, bool begins) {
    if (postings_.size() == postings_.capacity()) return false;
    documents_ += begins ? 1 : 0;
    postings_.push_back(posting);
    return true;
  }
  /// Hides the wait for memory that append() will write to.
  void prefetch() const { __builtin_prefetch(postings_.data() + postings_.size(), 1); }

 private:
  // Half of a vocabulary occurs once or twice: two postings fit where a vector keeps its pointers.
  using Postings = absl::InlinedVector<Posting, 2>;

  void sweep();

  Postings postings_;
  std::uint32_t erased_ = 0;
  std::uint32_t documents_ = 0;
};

}  // namespace tulving::index
