#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/text/bm25.h"
#include "index/text/postings/place_table.h"
#include "index/text/postings/posting.h"

namespace tulving::index {

/// A row's score, of its places' scores: that of the best passage, and what stands beside it.
[[nodiscard]] inline float row_score(std::span<const float> places) {
  if (places.size() == 1) return places[0];
  return *std::max_element(places.begin(), places.end() - 1) + places.back();
}

/// The same, once: it turns the scores of the places below 0, so that whoever meets another of the
/// row's places sees that it is done with.
[[nodiscard]] inline float take_row_score(std::span<float> places) {
  const float score = row_score(places);
  for (float& place : places) place = 0.0F - place;  // which leaves no zero with a sign
  return score;
}

/// A score for each place of an index or of a part of it, and which are not 0; and of rows, where
/// they are asked for. Kept by the thread, 8 bytes a place and a row: clearing what was touched,
/// when the table is used again, beats allocating and zeroing.
class ScoreTable {
 public:
  /// The thread's table, all 0, for a new use. What the use before has left is gone.
  static ScoreTable& of_this_thread(std::size_t places) {
    static std::atomic<std::uint64_t> uses = 0;
    ScoreTable& table = thread_table();
    table.clear();
    table.use_ = uses.fetch_add(1, std::memory_order_relaxed) + 1;
    if (table.scores_.size() < places) {
      table.touched_.resize(places + 1);
      table.scores_.resize(places, 0.0F);
    }
    return table;
  }
  /// The thread's table with what this use has left in it; null when it has been used again. 0 is
  /// no use.
  static const ScoreTable* in_use(std::uint64_t use) {
    const ScoreTable& table = thread_table();
    return use != 0 && table.use_ == use ? &table : nullptr;
  }
  /// Numbers the uses of all threads' tables.
  [[nodiscard]] std::uint64_t use() const { return use_; }

  /// Postings of the places whose table this is: from `base` on.
  void add(std::span<const Posting> postings, std::uint32_t base, const PlaceTable& places,
           const TermScore& of_term) {
    if (places.has_very_long()) {
      add(postings, base, of_term, [&places](std::uint32_t place) { return places.length(place); });
    } else {
      add(postings, base, of_term,
          [&places](std::uint32_t place) { return places.coded_length(place); });
    }
  }
  /// Works out the rows' scores, those of row_score(), of the places' of a whole index.
  void add_up_rows(const PlaceTable& places, std::size_t row_limit) {
    if (row_scores_.size() < row_limit) {
      rows_.resize(row_limit + 1);
      row_scores_.resize(row_limit, 0.0F);
    }
    // Copies, as in add().
    const float* const scores = scores_.data();
    float* const row_scores = row_scores_.data();
    std::uint32_t* const rows = rows_.data();
    std::size_t count = row_count_;
    for (const std::uint32_t place : touched()) {
      // What stands beside is added to each passage before the best is chosen: rounding keeps their
      // order. Without a branch, as add().
      const auto [row, beside] = places.owner(place);
      const float score = scores[place] + scores[beside];
      const float best = row_scores[row];
      rows[count] = row;
      count += is_zero(best) & (1U - is_zero(score));
      row_scores[row] = std::max(best, score);
    }
    row_count_ = count;
  }

  /// Rows that have a score, each once.
  [[nodiscard]] std::span<const std::uint32_t> rows() const {
    return std::span(rows_).first(row_count_);
  }
  /// 0: it has none.
  [[nodiscard]] float of_row(std::uint32_t row) const {
    return row < row_scores_.size() ? row_scores_[row] : 0.0F;
  }
  [[nodiscard]] std::span<const std::uint32_t> touched() const {
    return std::span(touched_).first(count_);
  }
  [[nodiscard]] std::span<float> scores() { return scores_; }
  [[nodiscard]] std::span<const float> scores() const { return scores_; }

 private:
  /// 1 or 0, of a score without a sign: as an integer, for which one instruction is enough.
  static std::size_t is_zero(float score) {
    return static_cast<std::size_t>(std::bit_cast<std::uint32_t>(score) == 0);
  }
  template <class Length>
  void add(std::span<const Posting> postings, std::uint32_t base, const TermScore& of_term,
           const Length& length) {
    // Copies, as what is written might be them for all that the compiler knows.
    const TermScore score = of_term;
    float* const scores = scores_.data();
    std::uint32_t* const touched = touched_.data();
    std::size_t count = count_;
    for (const auto& [place, times] : postings) {
      const std::uint32_t at = place - base;
      float& sum = scores[at];
      // Whether a place is new is a coin toss, so it is counted without a branch: 2 ns a posting,
      // not 5.
      touched[count] = at;
      count += is_zero(sum);
      sum += score(times, length(place));
    }
    count_ = count;
  }

  static ScoreTable& thread_table() {
    static thread_local ScoreTable table;
    return table;
  }
  void clear() {
    for (const std::uint32_t place : touched()) scores_[place] = 0.0F;
    for (const std::uint32_t row : rows()) row_scores_[row] = 0.0F;
    count_ = row_count_ = 0;
  }

  std::vector<float> scores_;
  std::vector<std::uint32_t>
      touched_;  // one longer than scores_: the next is written, then counted
  std::size_t count_ = 0;
  std::vector<float> row_scores_;
  std::vector<std::uint32_t> rows_;  // as touched_
  std::size_t row_count_ = 0;
  std::uint64_t use_ = 0;
};

}  // namespace tulving::index
