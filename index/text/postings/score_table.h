#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/text/postings/posting_list.h"

namespace tulving::index {

/// A term's share of a passage's score; see bm25.cc.
struct TermScore {
  float weight;
  float base, slope;  // k1 (1 - b) and k1 b / average length

  [[nodiscard]] float operator()(std::uint32_t times, float length) const {
    const auto tf = static_cast<float>(times);
    return weight * tf / (tf + base + slope * length);
  }
};

/// A row's score, of its places' scores: that of the best passage, and what stands beside it.
[[nodiscard]] inline float row_score(std::span<const float> places) {
  if (places.size() == 1) return places[0];
  return *std::max_element(places.begin(), places.end() - 1) + places.back();
}

/// The same, once: it turns the scores of the places below 0, so that whoever meets another of the
/// row's places sees that it is done with.
[[nodiscard]] inline float take_row_score(std::span<float> places) {
  const float score = row_score(places);
  for (float& place : places) place = -place;
  return score;
}

/// A score for each place, all 0 between two uses, and which are not 0. Kept by the thread, 8 bytes
/// a place of the largest index it has searched: clearing what was touched beats allocating and
/// zeroing.
class ScoreTable {
 public:
  static ScoreTable& of_this_thread(std::size_t places) {
    static thread_local ScoreTable table;
    table.clear();  // bad_alloc may have ended the search before
    if (table.scores_.size() < places) {
      table.touched_.resize(places + 1);
      table.scores_.resize(places, 0.0F);
    }
    return table;
  }

  void add(std::span<const Posting> postings, const float* lengths, const TermScore& score) {
    std::size_t count = count_;
    for (const Posting& posting : postings) {
      if (posting.times == 0) continue;
      float& sum = scores_[posting.place];
      // Whether a place is new is a coin toss, so it is counted without a branch: 2 ns a posting,
      // not 5.
      touched_[count] = posting.place;
      count += sum == 0.0F ? 1 : 0;
      sum += score(posting.times, lengths[posting.place]);
    }
    count_ = count;
  }

  [[nodiscard]] std::span<const std::uint32_t> touched() const {
    return std::span(touched_).first(count_);
  }
  [[nodiscard]] std::span<float> scores() { return scores_; }

  void clear() {
    for (const std::uint32_t place : touched()) scores_[place] = 0.0F;
    count_ = 0;
  }

 private:
  std::vector<float> scores_;
  std::vector<std::uint32_t>
      touched_;  // one longer than scores_: the next is written, then counted
  std::size_t count_ = 0;
};

}  // namespace tulving::index
