#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/text/postings/posting.h"

namespace tulving::index {

/// Postings that are gathered row by row and handed out term by term, those of a term in the order
/// in which they came. So a list grows by many at once; one by one each would lie somewhere else
/// in RAM than the one before.
class PostingSorter {
 public:
  /// For terms below `terms`. Of `expected` postings no more than are kept at a time take room.
  PostingSorter(std::size_t terms, std::uint64_t expected);

  /// `begins`: it is the first that its row has of the term.
  void add(std::uint32_t term, Posting posting, bool begins) {
    gathered_.push_back({term, posting.place, posting.times | (begins ? kBegins : 0)});
    ++ends_[term];
  }
  /// hand_out() is due: more would take RAM, and the caches no longer hold them.
  [[nodiscard]] bool is_full() const { return gathered_.size() >= kGatheredMax; }

  /// Calls `each(term, postings, rows)` for each term that has any, ascending; `rows` is how many
  /// of them begin one. Nothing is left.
  template <class Each>
  void hand_out(const Each& each) {
    sort();
    std::size_t begin = 0;
    for (std::size_t term = 0; term < ends_.size(); ++term) {
      const std::size_t end = ends_[term];
      if (end == begin) continue;
      const auto postings = std::span(sorted_).subspan(begin, end - begin);
      each(static_cast<std::uint32_t>(term), std::span<const Posting>(postings),
           take_rows(postings));
      begin = end;
    }
    clear();
  }

 private:
  // A row has kPlaceTimesMax of a term at most.
  static constexpr std::uint32_t kBegins = 1U << 31U;
  static constexpr std::size_t kGatheredMax = std::size_t{1} << 20U;  // 20 MiB with sorted_

  struct Entry {
    std::uint32_t term, place, times;
  };

  void sort();
  void clear();
  /// How many begin a row; from then on they are postings.
  static std::uint32_t take_rows(std::span<Posting> postings);

  std::vector<Entry> gathered_;
  std::vector<Posting> sorted_;
  std::vector<std::uint32_t> ends_;  ///< By term: how many; once sorted, where they end.
};

}  // namespace tulving::index
