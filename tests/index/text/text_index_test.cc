// The index answers as BM25 of each row's best passage worked out anew, in double, over a map of
// what is there. Texts are made
// of words whose terms are known beforehand, so the model needs no analyzer; the sequences of set,
// replace and erase are random, the seed is printed, and the index is saved and loaded among the
// steps.

#include "index/text/text_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/base/hash.h"
#include "tests/base/files/scratch_folder.h"
#include "tests/index/text/search_text.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using Terms = std::vector<int>;

/// Even terms are words with a digit. Odd ones are letters, in capitals or with a plural s now and
/// then, whose stem is known because nothing else in them is a suffix of English.
std::string word_of(int term, std::size_t place) {
  if (term % 2 == 0) return "t" + std::to_string(term);
  std::string word = place % 4 == 0 ? "QA" : "qa";
  for (int rest = term; rest > 0; rest /= 6) word += "bkmpvz"[rest % 6];
  return place % 3 == 0 ? word + "s" : word;
}

std::string text_of(const Terms& terms) {
  std::string text;
  for (std::size_t i = 0; i < terms.size(); ++i) text += word_of(terms[i], i) + " ";
  return text;
}

class Model {
 public:
  std::map<std::uint32_t, Terms> rows;

  [[nodiscard]] std::set<int> terms() const {
    std::set<int> all;
    for (const auto& [row, terms] : rows) all.insert(terms.begin(), terms.end());
    return all;
  }

  /// Of each row that has a term of the query.
  [[nodiscard]] std::map<std::uint32_t, double> scores(const Terms& query,
                                                       const Bm25Params& params) const {
    const auto n = static_cast<double>(rows.size());
    double average = 0.0;
    for (const auto& [row, terms] : rows) {
      average += static_cast<double>(std::min<std::size_t>(terms.size(), 40)) / n;
    }
    std::map<int, double> idfs;
    for (const int term : query) {
      double df = 0;
      for (const auto& [row, terms] : rows) df += std::ranges::count(terms, term) > 0 ? 1 : 0;
      idfs[term] = std::log(1.0 + (n - df + 0.5) / (df + 0.5));
    }
    std::map<std::uint32_t, double> best;
    for (const auto& [row, terms] : rows) {
      for (const Terms& passage : passages(terms)) {
        const double length = counted_length(terms) / average;
        double sum = 0.0;
        for (const int term : query) {
          const auto tf = static_cast<double>(std::ranges::count(passage, term));
          const double k1 = params.k1, b = params.b;
          if (tf > 0) sum += idfs[term] * tf / (tf + k1 * (1.0 - b + b * length));
        }
        if (sum > 0) best[row] = std::max(best[row], sum);
      }
    }
    return best;
  }

  /// Passages of a long text count as full ones, and as longer by the fourth root of their number.
  [[nodiscard]] static double counted_length(const Terms& terms) {
    if (terms.size() <= 40) return static_cast<double>(terms.size());
    return 40.0 * std::pow(static_cast<double>(passages(terms).size()), 0.25);
  }

  /// Windows of 40 words, each beginning 20 after the one before; a text of up to 40 is one.
  [[nodiscard]] static std::vector<Terms> passages(const Terms& terms) {
    std::vector<Terms> all;
    std::size_t at = 0;
    do {
      const std::size_t end = std::min(at + 40, terms.size());
      all.emplace_back(terms.begin() + static_cast<std::ptrdiff_t>(at),
                       terms.begin() + static_cast<std::ptrdiff_t>(end));
      at += 20;
    } while (at + 20 < terms.size());
    return all;
  }
};

class RandomTexts {
 public:
  explicit RandomTexts(unsigned seed) : random(seed) {}

  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }
  /// Of a text: every eighth is long.
  int length() { return number(0, 7) == 0 ? number(30, 170) : number(0, 30); }
  /// Low terms are common, high ones rare, about as in language.
  Terms terms(int count) {
    Terms made;
    for (int i = 0; i < count; ++i) made.push_back(number(0, 1 << number(0, 9)));
    return made;
  }
  Bm25Params params() {
    return {.k1 = static_cast<float>(number(0, 30)) / 10.0F,
            .b = static_cast<float>(number(0, 10)) / 10.0F};
  }

  std::mt19937 random;
};

void expect_near(double actual, double expected) {
  ASSERT_NEAR(actual, expected, 2e-6 * std::max(1.0, expected));
}

/// Every row that is returned has the model's score, in order; none that is left out has a better
/// one.
void expect_search_agrees(const TextIndex& index, const Model& model, const Terms& query,
                          const Asked& options) {
  const std::string text = text_of(query);
  Asked asked = options;
  asked.text = text;

  const Answer matches = search(index, asked);

  std::map<std::uint32_t, double> expected;
  for (const auto& [row, score] : model.scores(query, options.bm25)) {
    if (options.allowed == nullptr || options.allowed->contains(row)) expected[row] = score;
  }
  ASSERT_FALSE(matches.partial);
  ASSERT_EQ(matches.terms, std::set<int>(query.begin(), query.end()).size());
  ASSERT_EQ(matches.rows.size(), std::min<std::size_t>(options.k, expected.size()));
  ASSERT_TRUE(std::ranges::is_sorted(matches.rows, ranks_before));
  for (const ScoredRow& row : matches.rows) {
    ASSERT_TRUE(expected.contains(row.row)) << "row " << row.row;
    expect_near(row.score, expected[row.row]);
    expected.erase(row.row);
  }
  for (const auto& [row, score] : expected) {
    if (matches.rows.empty()) continue;  // k is 0
    ASSERT_LE(score, matches.rows.back().score * (1 + 2e-6) + 2e-6) << "row " << row;
  }
}

void expect_scores_agree(const TextIndex& index, const Model& model, const Terms& query,
                         const Bm25Params& params) {
  std::vector<std::uint32_t> rows = {4'000'000'000U};
  for (const auto& [row, terms] : model.rows) rows.push_back(row), rows.push_back(row + 1);
  std::vector<float> scores(rows.size(), -1.0F);
  const std::string text = text_of(query);
  TextArm(index, {.text = text, .bm25 = params}).score(rows, scores);
  auto expected = model.scores(query, params);
  for (std::size_t i = 0; i < rows.size(); ++i) expect_near(scores[i], expected[rows[i]]);
}

void expect_agreement(const TextIndex& index, const Model& model, RandomTexts& texts) {
  ASSERT_EQ(index.documents(), model.rows.size());
  ASSERT_EQ(index.terms(), model.terms().size());
  ASSERT_EQ(index.rows().cardinality(), model.rows.size());
  for (const auto& [row, terms] : model.rows) {
    ASSERT_TRUE(index.rows().contains(row));
    ASSERT_EQ(index.digest(row), xxh3(text_of(terms)));
  }
  const Terms query = texts.terms(texts.number(0, 8));
  const auto k = static_cast<std::uint32_t>(texts.number(0, 20));
  const Bm25Params params = texts.params();
  ASSERT_NO_FATAL_FAILURE(
      expect_search_agrees(index, model, query, {.text = {}, .k = k, .bm25 = params}));
  Roaring few, many;
  for (const auto& [row, terms] : model.rows) {
    if (texts.number(0, 99) < 2) few.add(row);
    if (texts.number(0, 99) < 60) many.add(row);
  }
  few.add(123'456);
  for (const Roaring* allowed : {&few, &many}) {
    ASSERT_NO_FATAL_FAILURE(expect_search_agrees(
        index, model, query, {.text = {}, .k = k, .allowed = allowed, .bm25 = params}));
  }
  ASSERT_NO_FATAL_FAILURE(expect_scores_agree(index, model, query, params));
}

void reload(std::unique_ptr<TextIndex>& index, const std::filesystem::path& file) {
  ASSERT_TRUE(index->save(file, {.revision = 5}));
  CheckpointOrigin origin;
  auto loaded = TextIndex::load(file, origin);
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(origin.revision, 5U);
  index = *std::move(loaded);
}

TEST(TextIndex, AgreesWithBm25WorkedOutAnewAfterAnyWrites) {
  const ScratchFolder folder;
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (unsigned round = 0; round < 6; ++round) {
    RandomTexts texts(seed + round);
    auto index = std::make_unique<TextIndex>();
    Model model;
    std::uint32_t next_row = 0;
    for (int step = 0; step < 1200; ++step) {
      const auto row = static_cast<std::uint32_t>(texts.number(0, static_cast<int>(next_row)));
      const int action = texts.number(0, 99);
      if (action < 55) {
        next_row += static_cast<std::uint32_t>(texts.number(1, 2));
        model.rows[next_row] = texts.terms(texts.length());
        index->set(next_row, text_of(model.rows[next_row]));
      } else if (action < 75) {
        Terms terms = model.rows.contains(row) ? model.rows[row] : Terms{};
        if (!terms.empty() && texts.number(0, 1) == 0) terms.pop_back();
        for (const int term : texts.terms(texts.number(0, 3))) terms.push_back(term);
        model.rows[row] = terms;
        index->set(row, text_of(terms));
      } else {
        model.rows.erase(row);
        index->erase(row);
      }
      if (step % 40 == 0) {
        ASSERT_NO_FATAL_FAILURE(expect_agreement(*index, model, texts));
      }
      if (step % 300 == 299) {
        ASSERT_NO_FATAL_FAILURE(reload(index, folder / "text"));
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_agreement(*index, model, texts));
    while (!model.rows.empty()) {
      index->erase(model.rows.begin()->first);
      model.rows.erase(model.rows.begin());
      if (model.rows.size() % 50 == 0) {
        ASSERT_NO_FATAL_FAILURE(expect_agreement(*index, model, texts));
      }
    }
  }
}

TEST(TextIndex, GivesTheSameBitsByScoreAsBySearch) {
  RandomTexts texts(3);
  TextIndex index;
  for (std::uint32_t row = 0; row < 500; ++row)
    index.set(row, text_of(texts.terms(texts.length())));
  for (int round = 0; round < 50; ++round) {
    const std::string query = text_of(texts.terms(6));
    const auto found = search(index, {.text = query, .k = 500});
    const TextArm arm(index, {.text = query});
    for (const ScoredRow& row : found.rows) {
      float score = 0.0F;
      arm.score(std::span(&row.row, 1), std::span(&score, 1));
      ASSERT_EQ(score, row.score);
    }
  }
}

/// Rows in any order, with other texts in their place before: the same bits.
TEST(TextIndex, GivesTheSameBitsWhateverItsHistory) {
  const ScratchFolder folder;
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (unsigned round = 0; round < 100; ++round) {
    RandomTexts texts(seed + round);
    std::vector<std::string> all;
    for (int i = 0; i < 60; ++i) all.push_back(text_of(texts.terms(texts.length())) + "Node.js");
    std::vector<std::uint32_t> order(all.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::vector<std::string_view> beside = {"some tag", "fooBar"};
    TextIndex first;
    auto second = std::make_unique<TextIndex>();
    for (const std::uint32_t row : order) first.set(row, all[row], beside);
    std::ranges::shuffle(order, texts.random);
    for (const std::uint32_t row : order) {
      second->set(row, text_of(texts.terms(texts.length())));
      if (texts.number(0, 1) == 0) second->erase(row);
    }
    std::ranges::shuffle(order, texts.random);
    for (const std::uint32_t row : order) second->set(row, all[row], beside);
    if (round % 5 == 0) {
      ASSERT_NO_FATAL_FAILURE(reload(second, folder / "text"));
    }
    ASSERT_EQ(second->terms(), first.terms());
    for (int i = 0; i < 5; ++i) {
      const std::string query = text_of(texts.terms(6)) + (i % 2 == 0 ? "tags bar" : "nodejs");
      ASSERT_EQ(search(*second, {.text = query, .k = 60}).rows,
                search(first, {.text = query, .k = 60}).rows);
    }
  }
}

TEST(TextIndex, CountsStopWordsAndUnknownWordsAsTheyAre) {
  TextIndex index;
  index.set(0, "apples");
  const auto found = search(index, {.text = "the apples and the unknowable unknowable pears"});
  EXPECT_EQ(found.terms, 3U);
  EXPECT_THAT(found.rows, SizeIs(1));
  EXPECT_THAT(search(index, {.text = "the and"}).rows, IsEmpty());
  EXPECT_EQ(search(index, {.text = "the and"}).terms, 0U);
}

TEST(TextIndex, KeepsARowWhoseTextHasNoTerms) {
  TextIndex index;
  index.set(4, "the and of");
  index.set(5, "");
  EXPECT_EQ(index.documents(), 2U);
  EXPECT_TRUE(index.rows().contains(4));
  EXPECT_TRUE(index.rows().contains(5));
  EXPECT_THAT(search(index, {.text = "the"}).rows, IsEmpty());
  EXPECT_FALSE(index.digest(3).has_value());
  index.erase(4);
  index.erase(99);
  EXPECT_EQ(index.documents(), 1U);
}

TEST(TextIndex, GivesMemoryBackWhenTextsAreErased) {
  RandomTexts texts(11);
  TextIndex index;
  const std::uint64_t empty = index.bytes();
  const auto fill = [&] {
    for (std::uint32_t row = 0; row < 3000; ++row) {
      index.set(row, text_of(texts.terms(20)) + "unique" + std::to_string(texts.random()));
    }
    return index.bytes();
  };
  const std::uint64_t first = fill();
  EXPECT_GT(first, empty + 3000U * 20U);
  for (std::uint32_t row = 0; row < 3000; ++row) index.erase(row);
  EXPECT_EQ(index.terms(), 0U);
  EXPECT_LT(index.bytes(), empty + 3000U * 160U) << "tables by row, by place and by term alone";
  for (int round = 0; round < 5; ++round) fill();
  EXPECT_LT(index.bytes(), first * 2) << "replaced texts are not kept";
}

TEST(TextIndex, AnswersManyReadersBesideEachOther) {
  RandomTexts texts(5);
  TextIndex index;
  for (std::uint32_t row = 0; row < 1000; ++row) {
    index.set(row, text_of(texts.terms(20)) + "été 東京 running");
  }
  std::vector<std::string> queries;
  std::vector<Answer> expected;
  for (int i = 0; i < 20; ++i) {
    queries.push_back(text_of(texts.terms(5)) + (i % 2 == 0 ? "runs été" : "東京"));
    expected.push_back(search(index, {.text = queries.back()}));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 200; ++i) {
        const auto found = search(index, {.text = queries[i % 20]});
        ASSERT_EQ(found.rows, expected[i % 20].rows);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(TextIndex, AnswersAfterASearchOfALargerIndexOnTheSameThread) {
  TextIndex large, small;
  for (std::uint32_t row = 0; row < 5000; ++row) large.set(row, "alpha beta");
  small.set(0, "alpha");
  for (int round = 0; round < 3; ++round) {
    ASSERT_THAT(search(large, {.text = "alpha", .k = 5000}).rows, SizeIs(5000));
    ASSERT_THAT(search(small, {.text = "alpha beta", .k = 5000}).rows, SizeIs(1));
  }
}

}  // namespace
}  // namespace tulving::index
