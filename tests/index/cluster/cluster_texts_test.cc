// What is promised: texts are compared by their phrases of three words, clusters are those of
// textbook linkage over these cosines, and a phrase that everyone uses costs no n^2. The test can
// tell because it compares all texts with all others, as sets of strings.

#include <set>
#include <sstream>

#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

using ::testing::ElementsAre;

std::set<std::string> phrases_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
  if (words.size() < 3) return {words.begin(), words.end()};
  std::set<std::string> phrases;
  for (std::size_t i = 0; i + 3 <= words.size(); ++i) {
    phrases.insert(words[i] + ' ' + words[i + 1] + ' ' + words[i + 2]);
  }
  return phrases;
}

CosineTable cosines_of_texts(const std::vector<std::string>& texts) {
  CosineTable table(texts.size(), std::vector<std::int64_t>(texts.size()));
  for (std::size_t a = 0; a < texts.size(); ++a) {
    for (std::size_t b = 0; b < texts.size(); ++b) {
      const auto x = phrases_of(texts[a]);
      const auto y = phrases_of(texts[b]);
      double common = 0;
      for (const auto& phrase : x) common += static_cast<double>(y.count(phrase));
      const auto size = static_cast<double>(x.size()) * static_cast<double>(y.size());
      table[a][b] = size == 0 ? 0 : std::llround(common / std::sqrt(size) * (1 << 30));
    }
  }
  return table;
}

Clustering cluster_of(const std::vector<std::string>& texts, const ClusterTextsOptions& options) {
  return value_of(
      cluster_texts(std::vector<std::string_view>(texts.begin(), texts.end()), options));
}

TEST(ClusterTexts, GivesTheClustersOfTextbookLinkageOverPhrases) {
  RandomSets random(8);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> texts;  // Few words, and copies with a word changed.
    for (int i = 0; i < 60; ++i) {
      std::string text;
      if (i > 5 && random.below(3) != 0) {
        text = texts[random.below(static_cast<std::uint32_t>(i))] + " w" +
               std::to_string(random.below(9));
      } else {
        for (std::uint32_t words = random.below(12); words > 0; --words) {
          text += " w" + std::to_string(random.below(9));
        }
      }
      texts.push_back(text);
    }
    ClusterTextsOptions options;
    options.clusters.threshold = 0.3 + 0.1 * random.below(6);
    options.clusters.size_max = 2 + random.below(10);
    options.clusters.threads = 1 + random.below(3);
    const Clustering found = cluster_of(texts, options);
    ASSERT_EQ(rows_of(found),
              clusters_by_the_book(cosines_of_texts(texts), options.clusters.threshold,
                                   options.clusters.size_max))
        << "round " << round;
    ASSERT_FALSE(found.approximate);
  }
}

TEST(ClusterTexts, ComparesFoldedWordsOfAnyScript) {
  const Clustering found =
      cluster_of({"I moved to Oslo in May.", "i MOVED to oslo, in may!", "我昨天去了上海的博物馆",
                  "我昨天去了上海的博物館", "", "?!"},
                 {});
  EXPECT_THAT(rows_of(found),
              ElementsAre(std::vector<std::uint32_t>{0, 1}, std::vector<std::uint32_t>{2, 3}));
}

TEST(ClusterTexts, APhraseOfEveryTextIsFollowedOnlyAFewRowsFar) {
  std::vector<std::string> texts(3000, "thank you very much");
  ClusterTextsOptions options;
  options.common_texts = 100;
  options.clusters.neighbors_max = 4;

  const Clustering found = cluster_of(texts, options);

  EXPECT_TRUE(found.approximate);
  EXPECT_LE(found.pairs, 3000U * 4U);
  std::size_t rows = 0;
  for (const Cluster& one : found.clusters) rows += one.rows.size();
  EXPECT_EQ(rows + found.left_over, 3000U);
  EXPECT_GT(rows, 2900U);
}

}  // namespace
}  // namespace tulving::index::testing
