// Searching by windows finds what scoring every row finds: the same rows in the same order with the
// same bits. The oracle adds up each row's terms as bm25.cc says, from the documents alone.

#include "index/text/window_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "index/text/postings/passages.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

struct Text {
  std::uint32_t length = 0;
  std::vector<TermCount> terms;
};

class WindowSearches : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kTerms = 40;

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  // Some terms are in most texts, and some in a few.
  std::uint32_t term() { return below(1 + below(kTerms)) * below(8) / 7; }

  Text text_of(std::uint32_t words) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> counts;
    for (std::uint32_t i = 0; i < words; ++i) ++counts[{term(), block_of(i, words)}];
    for (std::uint32_t i = below(4); i > 1; --i) ++counts[{term(), kBeside}];
    Text text{words, {}};
    for (const auto& [at, times] : counts) {
      text.terms.push_back({at.first, at.second, std::min(times, kTimesMax)});
    }
    return text;
  }
  std::uint32_t length() {
    const std::uint32_t roll = below(1000);
    if (roll == 0) return 5000 + below(3000);  // longer than lengths that have a code
    return roll < 300 ? 41 + below(200) : roll < 400 ? 3 : 1 + below(40);
  }

  void set(std::uint32_t row, const Text& text) {
    texts_[row] = text;
    if (!text.terms.empty()) term_limit_ = std::max(term_limit_, text.terms.back().term + 1);
    index_.set(row, {.digest = 1, .length = text.length, .terms = text.terms}, orphans_);
  }
  void erase(std::uint32_t row) {
    texts_.erase(row);
    index_.erase(row, orphans_);
  }
  void fill(std::uint32_t rows) {
    for (std::uint32_t row = 0; row < rows; ++row) set(row, text_of(length()));
    for (std::uint32_t i = 0; i < rows / 4; ++i) {
      const std::uint32_t row = below(rows);
      if (below(3) == 0) erase(row);
      if (below(3) == 0) set(row, text_of(length()));
      if (below(3) == 0 && texts_.contains(row)) lose_words(row);
    }
    for (std::uint32_t row = 0; row < rows; ++row) keys_.push_back({below(4), rows - row});
  }
  // A shorter text with the same terms, of which a posting's bound hears by its length alone.
  void lose_words(std::uint32_t row) {
    Text text = texts_[row];
    if (text.length > 20) --text.length;
    if (place_count(text.length) == place_count(texts_[row].length)) set(row, text);
  }

  std::vector<WeighedTerm> query(std::uint32_t words) {
    std::vector<QueryTerm> terms;
    for (std::uint32_t i = 0; i < words; ++i) {
      const std::uint32_t asked = below(term_limit_);
      const auto rows = static_cast<std::uint32_t>(index_.postings(asked).documents());
      if (rows > 0) terms.push_back({asked, below(3) == 0 ? 0.5F : 1.0F, rows});
    }
    return weigh(
        index_, terms,
        {.k1 = 0.2F * static_cast<float>(below(9)), .b = 0.25F * static_cast<float>(below(5))});
  }

  // A row's score, from its text.
  static float score_of(const Text& text, const std::vector<WeighedTerm>& terms) {
    std::vector<float> sums(place_count(text.length));
    for (const WeighedTerm& term : terms) {
      const auto [first, last] =
          std::ranges::equal_range(text.terms, term.term, {}, &TermCount::term);
      const std::vector<TermCount> counts(first, last);
      if (counts.empty()) continue;
      for_each_place(counts, text.length, [&](std::uint32_t place, std::uint32_t times) {
        sums[place] += term.score(times, counted_length(text.length));
      });
    }
    return row_score(sums);
  }
  std::vector<ScoredRow> by_the_book(const std::vector<WeighedTerm>& terms, std::uint32_t k,
                                     const Roaring* allowed) const {
    std::vector<ScoredRow> rows;
    for (const auto& [row, text] : texts_) {
      const float score = score_of(text, terms);
      if (score > 0 && (allowed == nullptr || allowed->contains(row))) rows.push_back({row, score});
    }
    const auto before = [this](const ScoredRow& a, const ScoredRow& b) {
      return ranks_before_by(TieOrder(keys_), a, b);
    };
    std::ranges::sort(rows, before);
    rows.resize(std::min<std::size_t>(k, rows.size()));
    return rows;
  }

  void expect_agreement(std::uint32_t words, std::uint32_t k, const Roaring* allowed) {
    const auto terms = query(words);
    if (terms.empty()) return;
    TopRows best(k, TieOrder(keys_));
    WindowSearch search(index_, terms, allowed, {});
    ASSERT_TRUE(search.run(best));
    ASSERT_EQ(best.take(), by_the_book(terms, k, allowed)) << words << " words, k " << k;
    std::uint64_t postings = 0;
    for (const WeighedTerm& term : terms) postings += index_.postings(term.term).size();
    if (search.postings_read() < postings * 2 / 3) ++short_ones_;
  }

  const unsigned seed_ = test_seed();
  std::mt19937 random_{seed_};
  InvertedIndex index_;
  std::map<std::uint32_t, Text> texts_;
  std::vector<RowKey> keys_;
  std::vector<std::uint32_t> orphans_;
  std::uint32_t term_limit_ = 1;
  int short_ones_ = 0;  // searches that have left out a third of the postings
};

// Three times, as some mistakes need a rare row to show.
class WindowSearchesOf : public WindowSearches, public ::testing::WithParamInterface<unsigned> {
 protected:
  WindowSearchesOf() { random_.seed(seed_ + GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Corpora, WindowSearchesOf, ::testing::Values(1, 2, 6));

TEST_P(WindowSearchesOf, ManyTextsFindWhatScoringEveryRowFinds) {
  SCOPED_TRACE("seed " + std::to_string(seed_) + " + " + std::to_string(GetParam()));
  fill(6'000);
  Roaring few, many;
  for (const auto& [row, text] : texts_) {
    if (below(100) < 3) few.add(row);
    if (below(100) < 60) many.add(row);
  }
  for (int round = 0; round < 80; ++round) {
    const Roaring* const allowed = round % 5 == 0 ? &few : round % 5 == 1 ? &many : nullptr;
    const std::uint32_t words = round % 10 == 9 ? 60 : 1 + below(6);
    const std::uint32_t k = round % 7 == 0 ? 400 : 1 + below(20);
    ASSERT_NO_FATAL_FAILURE(expect_agreement(words, k, allowed));
  }
  EXPECT_GT(short_ones_, 0);
}

// Few different texts: thousands score the same, and every k cuts among them.
TEST_F(WindowSearches, FindTheRightOnesOfEquallyGoodRows) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  std::vector<Text> some;
  for (int i = 0; i < 12; ++i) some.push_back(text_of(i % 3 == 0 ? 60 : 1 + below(3)));
  for (std::uint32_t row = 0; row < 9'000; ++row) {
    set(row, some[below(12)]);
    keys_.push_back({below(2), (std::uint64_t{random_()} << 16) + row});
  }
  for (int round = 0; round < 40; ++round) {
    ASSERT_NO_FATAL_FAILURE(expect_agreement(1 + below(3), 1 + below(300), nullptr));
  }
}

TEST_F(WindowSearches, StopAtTheDeadline) {
  fill(1'000);
  TopRows best(10);
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_FALSE(WindowSearch(index_, query(30), nullptr, past).run(best));
}

}  // namespace
}  // namespace tulving::index
