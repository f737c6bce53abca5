#include "bench/corpus.h"

#include <cmath>
#include <cstdlib>

namespace tulving::bench {
namespace {

constexpr std::size_t kLatentDim = 128;
constexpr std::size_t kVocabulary = 20'000;

}  // namespace

std::size_t size_from_environment(std::size_t smoke) {
  const char* n = std::getenv("TULVING_BENCH_N");
  return n == nullptr ? smoke : static_cast<std::size_t>(std::strtoull(n, nullptr, 10));
}

EmbeddingSource::EmbeddingSource(std::size_t dim, std::size_t clusters, unsigned seed)
    : dim_(dim), random_(seed) {
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> basis(kLatentDim, std::vector<float>(dim));
  for (auto& axis : basis) {
    for (float& x : axis) x = normal(random_) / std::sqrt(static_cast<float>(dim));
  }
  std::vector<double> sizes;
  for (std::size_t c = 0; c < clusters; ++c) {
    std::vector<float> centroid(dim);
    for (std::size_t axis = 0; axis < kLatentDim; ++axis) {
      const float weight = normal(random_);
      for (std::size_t i = 0; i < dim; ++i) centroid[i] += weight * basis[axis][i];
    }
    const float scale = 1.0F / std::sqrt(static_cast<float>(kLatentDim));
    for (float& x : centroid) x *= scale;
    centroids_.push_back(std::move(centroid));
    sizes.push_back(1.0 / std::pow(static_cast<double>(c + 1), 0.8));
  }
  pick_ = std::discrete_distribution<std::size_t>(sizes.begin(), sizes.end());
}

std::vector<float> EmbeddingSource::next() {
  std::normal_distribution<float> noise(0.0F, 0.55F / std::sqrt(static_cast<float>(dim_)));
  std::vector<float> vector = centroids_[pick_(random_)];
  double square = 0;
  for (float& x : vector) {
    x += noise(random_);
    square += static_cast<double>(x) * x;
  }
  const auto scale = static_cast<float>(1.0 / std::sqrt(square));
  for (float& x : vector) x *= scale;
  return vector;
}

TextSource::TextSource(unsigned seed) : random_(seed) {
  static const char* const kSyllables[] = {"ra", "ton", "mi", "sel", "po",  "ker", "an",  "di",
                                           "lo", "ves", "tu", "nar", "ges", "im",  "ola", "fer"};
  std::vector<double> weights;
  for (std::size_t i = 0; i < kVocabulary; ++i) {
    std::string one;
    for (std::size_t rest = i + 16; rest > 0; rest /= 16) one += kSyllables[rest % 16];
    vocabulary_.push_back(std::move(one));
    weights.push_back(1.0 / static_cast<double>(i + 3));
  }
  pick_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
}

std::string TextSource::word() { return vocabulary_[pick_(random_)]; }

std::string TextSource::next(std::size_t bytes) {
  std::string text = word();
  while (text.size() < bytes) text += (random_() % 12 == 0 ? ". " : " ") + word();
  return text;
}

std::string TextSource::query(std::size_t words) {
  std::string text = word();
  for (std::size_t i = 1; i < words; ++i) text += " " + word();
  return text;
}

Memory make_memory(TextSource& texts, EmbeddingSource& vectors, std::size_t number) {
  Memory memory;
  memory.text = texts.next(490) + " " + std::to_string(number);
  memory.agent_id = "agent";
  memory.user_id = "user" + std::to_string(number % 10);
  memory.priority = 1 + static_cast<int>(number % 10);
  memory.tags = {"tag" + std::to_string(number % 100)};
  memory.embeddings = {{"default", vectors.next()}};
  return memory;
}

}  // namespace tulving::bench
