#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/text/passages.h"
#include "index/text/posting_list.h"

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

/// stretch(), from a table where it is small: two roots for each row and query are felt.
class Stretches {
 public:
  constexpr Stretches() {
    for (std::uint32_t i = 0; i < table_.size(); ++i) table_[i] = fourth_root(i);
  }
  [[nodiscard]] float of(std::uint32_t passages) const {
    return passages < table_.size() ? table_[passages] : stretch(passages);
  }

 private:
  // Newton's, in double: std::sqrt is no constant expression.
  static constexpr float fourth_root(std::uint32_t number) {
    double root = number == 0 ? 0.0 : number;
    for (int i = 0; i < 100 && root > 0; ++i) {
      root = 0.75 * root + 0.25 * number / (root * root * root);
    }
    return static_cast<float>(root);
  }
  std::array<float, 64> table_{};
};
inline constexpr Stretches kStretches;

/// A long row's passages: all but the last are of one length.
struct LongRow {
  std::uint32_t row = 0, passages = 0;
  std::size_t first = 0;           // of its scores
  float full = 0.0F, tail = 0.0F;  // lengths as they count, of a passage and of the last

  LongRow(std::uint32_t number, std::uint32_t length, std::size_t first_score)
      : row(number), passages(passage_count(length)), first(first_score) {
    const float stretched = kStretches.of(passages);
    full = static_cast<float>(kPassageWords) * stretched;
    tail = static_cast<float>(passage_length(passages - 1, length)) * stretched;
  }

  /// Adds a term's share, of which these are the row's postings, to the score of each passage.
  void add(std::span<const Posting> postings, const TermScore& score, float* sums) const {
    const auto add_share = [&](std::uint32_t passage, std::uint32_t times) {
      sums[passage] += score(times, passage + 1 == passages ? tail : full);
    };
    const Posting only = postings.front();
    const std::uint32_t block = only.block;
    if (postings.size() > 1 || block == kBeside) {
      for_each_passage(postings, passages, add_share);
    } else if (block > 0 && block + 1 < passages) {  // most: the same share in both
      const float share = score(only.times, full);
      sums[block - 1] += share;
      sums[block] += share;
    } else {
      if (block > 0) add_share(block - 1, only.times);
      if (block < passages) add_share(block, only.times);
    }
  }
};

/// A score for each row, all 0 between two uses, and which rows are not 0. A long row gets places
/// for its passages when it is first met, and the best of them by settle(). Kept by the thread, 12
/// bytes a row of the largest index it has searched: clearing what was touched beats allocating and
/// zeroing.
class ScoreTable {
 public:
  static ScoreTable& of_this_thread(std::size_t rows) {
    static thread_local ScoreTable table;
    table.clear();  // bad_alloc may have ended the search before
    if (table.scores_.size() < rows) {
      table.touched_.resize(rows + 1);
      table.scores_.resize(rows, 0.0F);
      table.long_rows_of_.resize(rows, kNone);
    }
    return table;
  }

  /// Whole rows' postings: none begins or ends within a row.
  void add(std::span<const Posting> postings, const std::uint32_t* lengths,
           const TermScore& score) {
    float* const scores = scores_.data();
    std::uint32_t* const touched = touched_.data();
    std::size_t count = count_;
    const Posting* const end = postings.data() + postings.size();
    for (const Posting* at = postings.data(); at != end; ++at) {
      const Posting posting = *at;
      if (posting.times == 0) continue;
      const std::uint32_t length = lengths[posting.row];
      if (is_long(length)) {
        at = add_long(at, end, length, score);
        continue;
      }
      float& sum = scores[posting.row];
      // Whether a row is new is a coin toss, so it is counted without a branch: 2 ns a posting,
      // not 5.
      touched[count] = posting.row;
      count += sum == 0.0F ? 1 : 0;
      sum += score(posting.times, static_cast<float>(length));
    }
    count_ = count;
  }

  /// Gives every long row the score of its best passage. After the last add().
  void settle() {
    for (const LongRow& row : long_rows_) {
      const float* const passages = passages_.data() + row.first;
      scores_[row.row] = *std::max_element(passages, passages + row.passages);
      touched_[count_++] = row.row;
    }
  }

  [[nodiscard]] std::span<const std::uint32_t> touched() const {
    return std::span(touched_).first(count_);
  }
  [[nodiscard]] float score(std::uint32_t row) const { return scores_[row]; }

  void clear() {
    for (const std::uint32_t row : touched()) scores_[row] = 0.0F;
    for (const LongRow& row : long_rows_) long_rows_of_[row.row] = kNone;
    count_ = 0;
    long_rows_.clear();
    passages_.clear();
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// The postings of the row that `at` stands in; returns the last of them. Apart from add(), whose
  /// loop is the faster the less is in it.
  [[gnu::noinline]] const Posting* add_long(const Posting* at, const Posting* end,
                                            std::uint32_t length, const TermScore& score) {
    const Posting* next = at + 1;
    while (next != end && next->row == at->row) ++next;
    std::uint32_t& number = long_rows_of_[at->row];
    if (number == kNone) {
      number = static_cast<std::uint32_t>(long_rows_.size());
      long_rows_.emplace_back(at->row, length, passages_.size());
      passages_.resize(passages_.size() + long_rows_.back().passages, 0.0F);
    }
    const LongRow& row = long_rows_[number];
    row.add({at, next}, score, passages_.data() + row.first);
    return next - 1;
  }

  std::vector<float> scores_;
  std::vector<std::uint32_t>
      touched_;  // one longer than scores_: the next is written, then counted
  std::size_t count_ = 0;
  std::vector<std::uint32_t> long_rows_of_;  // by row; kNone: not met
  std::vector<LongRow> long_rows_;
  std::vector<float> passages_;
};

}  // namespace tulving::index
