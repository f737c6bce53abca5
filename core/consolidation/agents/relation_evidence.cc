#include "core/consolidation/agents/relation_evidence.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>

#include "core/model/text/sentence_words.h"

namespace tulving::consolidation {
namespace {

constexpr double kPriorNeighbors = 10;
constexpr float kItself = 0.99999F;

// In lanes of their own, since the compiler may not reorder a sum: 600 of 1,536 floats a memory are
// what a run of a large tenant consists of.
float dot(const float* a, const float* b, std::size_t dim) {
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  std::size_t k = 0;
  for (; k + kLanes <= dim; k += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[k + lane] * b[k + lane];
  }
  for (; k < dim; ++k) sums[k % kLanes] += a[k] * b[k];
  return std::accumulate(std::begin(sums), std::end(sums), 0.0F);
}

float length_of(std::span<const float> vector) {
  return std::sqrt(dot(vector.data(), vector.data(), vector.size()));
}

}  // namespace

std::vector<std::string> shared_names(const std::vector<std::string>& a,
                                      const std::vector<std::string>& b) {
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

double name_overlap(const std::vector<std::string>& a, const std::vector<std::string>& b,
                    const Sharers& sharers, std::size_t memories) {
  const auto n = static_cast<double>(memories);
  const auto sharers_of = [&](const std::string& name) {
    return static_cast<double>(sharers.at(name).size());
  };
  const auto weight = [&](const std::string& name) { return std::log1p(n / sharers_of(name)); };
  double common = 0, all = 0, rarest = n;
  for (const std::string& name : shared_names(a, b)) {
    common += weight(name);
    rarest = std::min(rarest, sharers_of(name));
  }
  if (common == 0) return 0;
  for (const std::string& name : a) all += weight(name);
  for (const std::string& name : b) all += weight(name);
  const double rarity = rarest <= 2 ? 1 : std::log(n / rarest) / std::log(n / 2);
  return common / (all - common) * rarity;
}

void WordRarity::add(std::string_view text) {
  std::vector<std::uint32_t> words;
  model::visit_words(text, [&](const model::SentenceWord& word) {
    if (word.is_sign) return;
    const auto next = static_cast<std::uint32_t>(counts_.size());
    const auto [known, is_new] = ids_.try_emplace(std::string(word.folded), next);
    if (is_new) counts_.push_back(0);
    words.push_back(known->second);
  });
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const std::uint32_t word : words) ++counts_[word];
  words_.push_back(std::move(words));
}

double WordRarity::rare_words(std::uint32_t text) const {
  const double texts = std::max<double>(2, static_cast<double>(words_.size()));
  double sum = 0;
  for (const std::uint32_t word : words_[text]) sum += std::log(texts / counts_[word]);
  return sum / std::log(texts);
}

void Surroundings::add(std::span<const float> vector) {
  const float scale = 1 / length_of(vector);
  for (const float x : vector) units_.push_back(x * scale);
  ++rows_;
}

double Surroundings::mean_of(std::span<const float> vector, double prior) const {
  const std::size_t dim = vector.size();
  const float length = length_of(vector);
  std::vector<float> cosines(rows_);
  for (std::size_t row = 0; row < rows_; ++row) {
    cosines[row] = dot(vector.data(), &units_[row * dim], dim) / length;
  }
  const std::size_t wanted = std::max<std::size_t>(1, rows_ / 10);
  const std::size_t looked_at = std::min(cosines.size(), wanted + 1);
  std::partial_sort(cosines.begin(), cosines.begin() + static_cast<std::ptrdiff_t>(looked_at),
                    cosines.end(), std::greater<>());
  // The memory itself, where it is in the sample, is not one of its surroundings.
  const std::size_t first = !cosines.empty() && cosines.front() > kItself ? 1 : 0;
  const std::size_t nearest = std::min(cosines.size() - first, wanted);
  const double sum = std::accumulate(cosines.begin() + static_cast<std::ptrdiff_t>(first),
                                     cosines.begin() + static_cast<std::ptrdiff_t>(first + nearest),
                                     kPriorNeighbors * prior);
  return sum / (static_cast<double>(nearest) + kPriorNeighbors);
}

}  // namespace tulving::consolidation
