// A memory is made from its number alone, so that a load can go on anywhere; and what is searched
// for is there to be found.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "bench/year/corpus.h"

namespace tulving::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CorpusShape small_shape() { return {.dim = 48, .topics = 30}; }

TEST(YearCorpus, AMemoryIsTheSameWhateverWasMadeBefore) {
  const Corpus one(small_shape()), two(small_shape());
  std::vector<Memory> forwards, backwards;
  for (std::uint64_t i = 0; i < 40; ++i) forwards.push_back(one.memory(i));
  for (std::uint64_t i = 40; i-- > 0;) backwards.insert(backwards.begin(), two.memory(i));
  EXPECT_EQ(forwards, backwards);
}

TEST(YearCorpus, AnotherSeedMakesOthers) {
  CorpusShape other = small_shape();
  other.seed = 43;
  const Memory one = Corpus(small_shape()).memory(9), two = Corpus(other).memory(9);
  EXPECT_NE(one.id, two.id);
  EXPECT_NE(one.text, two.text);
  EXPECT_NE(one.embeddings, two.embeddings);
}

TEST(YearCorpus, IdsAndTextsOfTenantsDiffer) {
  const Corpus corpus(small_shape());
  std::set<std::string> texts;
  std::set<Uuid> ids;
  for (std::uint64_t tenant = 0; tenant < 10; ++tenant) {
    for (std::uint64_t i = 0; i < 50; ++i) {
      const Memory memory = corpus.memory((tenant << 32) + i);
      texts.insert(memory.text);
      ids.insert(memory.id);
      EXPECT_EQ(Uuid::parse(memory.id.to_string()), memory.id);
    }
  }
  EXPECT_EQ(texts.size(), 500U);
  EXPECT_EQ(ids.size(), 500U);
}

TEST(YearCorpus, TextsAreAboutAsLongAsAskedForAndAShareHasVectors) {
  CorpusShape shape = small_shape();
  shape.vectors_share = 0.3;
  const Corpus corpus(shape);
  std::size_t vectors = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Memory memory = corpus.memory(i);
    EXPECT_GT(memory.text.size(), 480U);
    EXPECT_LT(memory.text.size(), 530U);
    vectors += memory.embeddings.size();
    EXPECT_EQ(memory.embeddings.size(), corpus.has_vector(i) ? 1U : 0U);
  }
  EXPECT_EQ(vectors, 60U);
}

TEST(YearCorpus, OneInTenHasAWordOfItsOwn) {
  const Corpus corpus(small_shape());
  std::set<std::string> words;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::string own = corpus.reference(i);
    if (corpus.has_reference(i)) {
      EXPECT_THAT(corpus.memory(i).text, HasSubstr(own));
      words.insert(own);
    }
    EXPECT_THAT(corpus.memory(i + 1).text, Not(HasSubstr(own)));
  }
  EXPECT_EQ(words.size(), 10U);
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

TEST(YearCorpus, AQueryIsNearTheMemoriesOfItsTopicAndIsNoneOfThem) {
  const Corpus corpus(small_shape());
  for (std::uint64_t i = 0; i < 40; ++i) {
    if (!corpus.has_vector(i)) continue;
    const CorpusQuery query = corpus.query(i, 7 + i);
    const double near = cosine(query.vector, corpus.memory(i).embeddings[0].vector);
    EXPECT_GT(near, 0.4) << i;
    EXPECT_LT(near, 0.999) << i;
    EXPECT_NEAR(cosine(query.vector, query.vector), 1, 1e-5);
    EXPECT_NE(query.text, corpus.query(i, 1000 + i).text);
  }
}

}  // namespace
}  // namespace tulving::bench
