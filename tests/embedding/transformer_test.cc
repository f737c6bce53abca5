// The encoder says what it says by the book, in doubles; bytes stay near it; a text's vector is the
// same, to the bit, whatever comes with it.

#include "core/embedding/transformer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/embedding/naive_model.h"
#include "tests/embedding/small_model.h"

namespace tulving::embedding {
namespace {

constexpr std::uint32_t kSeed = 20'261'128;

std::vector<PieceIds> random_texts(const ModelShape& shape, std::size_t count) {
  std::mt19937 random(kSeed);
  std::vector<PieceIds> texts(count);
  for (std::size_t t = 0; t < count; ++t) {
    texts[t].resize(t % (shape.pieces_max + 1));  // All lengths, none and the longest too.
    for (std::uint32_t& piece : texts[t]) piece = static_cast<std::uint32_t>(random() % shape.rows);
  }
  return texts;
}

std::vector<float> vectors_of(const Transformer& model, std::span<const PieceIds> texts) {
  std::vector<float> vectors(texts.size() * model.dim());
  model.encode(texts, vectors.data());
  return vectors;
}

TEST(Transformer, SaysInFloatsWhatTheBookSays) {
  const ModelWeights weights = small_model(kSeed);
  const Transformer model(weights, Arithmetic::kFloat);
  for (const PieceIds& text : random_texts(weights.shape, 40)) {
    const auto vector = vectors_of(model, std::span(&text, 1));
    const Row exact = naive_vector(weights, text);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_NEAR(double{vector[i]}, exact[i], 1e-5) << text.size() << " pieces, " << i;
    }
  }
}

TEST(Transformer, StaysNearItInBytes) {
  const ModelWeights weights = small_model(kSeed);
  const Transformer model(weights, Arithmetic::kCodes);
  for (const PieceIds& text : random_texts(weights.shape, 40)) {
    const auto vector = vectors_of(model, std::span(&text, 1));
    const Row exact = naive_vector(weights, text);
    double cosine = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) cosine += double{vector[i]} * exact[i];
    EXPECT_GT(cosine, 0.99) << text.size() << " pieces";
  }
}

class OfBothArithmetics : public testing::TestWithParam<Arithmetic> {};

TEST_P(OfBothArithmetics, ATextsVectorDoesNotDependOnItsNeighbours) {
  const ModelWeights weights = small_model(kSeed);
  const Transformer model(weights, GetParam());
  const auto texts = random_texts(weights.shape, 60);
  const auto together = vectors_of(model, texts);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const auto alone = vectors_of(model, std::span(&texts[t], 1));
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                           together.begin() + static_cast<std::ptrdiff_t>(t * model.dim())))
        << t;
  }
}

INSTANTIATE_TEST_SUITE_P(All, OfBothArithmetics,
                         testing::Values(Arithmetic::kFloat, Arithmetic::kCodes),
                         [](const auto& param) {
                           return param.param == Arithmetic::kFloat ? "Floats" : "Codes";
                         });

}  // namespace
}  // namespace tulving::embedding
