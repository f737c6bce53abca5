#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <roaring/roaring.hh>
#include <span>
#include <vector>

#include "index/text/bm25.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/posting_cursor.h"
#include "index/text/postings/score_table.h"
#include "index/top_rows.h"

namespace tulving::index {

/// The best rows of a large index without reading all postings. Places are searched in windows, the
/// one first whose blocks promise the highest score, until no window left can bring a row that
/// enters ("Anytime ranking on document-ordered indexes", Mackenzie, Petri and Moffat 2021). Within
/// a window the frequent terms whose bounds together reach no place in the answer are looked up for
/// the rows that the others find, and not read through (MaxScore, Turtle and Flood 1995).
///
/// Answers are those of reading everything, to the bit: bounds are bounds, with room for what
/// floats round off, and a row that may enter is scored term by term in the query's order.
class WindowSearch {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;
  /// Longer queries, which are texts, are not worth bounds.
  static constexpr std::size_t kTermsMax = 64;

  /// `allowed`: null for all. All of it outlives this and does not change under it.
  WindowSearch(const InvertedIndex& index, std::span<const WeighedTerm> terms,
               const Roaring* allowed, const Deadline& deadline);

  /// Offers `best` every row that may enter; false when the deadline struck.
  [[nodiscard]] bool run(TopRows& best);
  [[nodiscard]] std::uint64_t postings_read() const { return postings_read_; }

 private:
  struct Term {
    PostingCursor cursor;
    TermScore score;
    // Of what a row's places have by this term, by window.
    std::vector<float> of_passages;
    std::vector<float> beside;  // empty: nowhere

    [[nodiscard]] float bound_beside(std::uint32_t window) const {
      return beside.empty() ? 0.0F : beside[window];
    }
    [[nodiscard]] float bound(std::uint32_t window) const {
      return of_passages[window] + bound_beside(window);
    }
  };
  struct Window {
    float bound;
    std::uint32_t number;
    friend bool operator<(const Window& a, const Window& b) { return a.bound < b.bound; }
  };

  [[nodiscard]] std::uint32_t window_of(std::uint32_t place) const { return place >> window_bits_; }
  void bound_windows(Term& term) const;
  [[nodiscard]] std::vector<Window> windows() const;
  [[nodiscard]] std::uint32_t row_border(std::uint64_t place) const;
  void search(std::uint32_t window, TopRows& best);
  void choose_terms(std::uint32_t window, float threshold);
  void read(std::size_t term, PlaceRange places, ScoreTable& table);
  void find_promising(const ScoreTable& table, float threshold);
  void read_the_others(PlaceRange places, ScoreTable& table);
  void offer(ScoreTable& table, std::uint32_t base, TopRows& best);
  [[nodiscard]] bool may_reach(PlaceRange places, float score, float threshold);
  [[nodiscard]] float score_by(Term& term, PlaceRange places);
  [[nodiscard]] float score_of(PlaceRange places);
  [[nodiscard]] bool falls_short(float bound, float threshold) const {
    return bound * slack_ < threshold;
  }

  const InvertedIndex& index_;
  const Roaring* const allowed_;
  const Deadline deadline_;
  const unsigned window_bits_;
  const std::uint32_t window_count_;
  /// What floats may round off in a sum over the terms, twofold.
  const float slack_;
  std::vector<Term> terms_;           // in the query's order
  std::vector<std::size_t> by_size_;  // the longest lists first
  std::uint64_t postings_read_ = 0;

  // Of the window that is searched.
  struct LookedUp {
    std::size_t term;
    float bound, beside;
  };
  std::vector<std::size_t> read_;         // terms that are read through, in the query's order
  std::vector<LookedUp> looked_up_;       // those that are not, the greatest bound first
  float rest_ = 0.0F;                     // the sum of their bounds
  float beside_ = 0.0F;                   // a bound of what the others have beside a long text
  bool in_order_ = true;                  // sums are those of the query's order
  std::vector<std::uint32_t> promising_;  // places in the table whose rows may enter
  std::vector<float> sums_;
};

}  // namespace tulving::index
