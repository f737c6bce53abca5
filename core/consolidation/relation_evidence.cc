#include "core/consolidation/relation_evidence.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/model/sentence_words.h"

namespace tulving::consolidation {
namespace {

constexpr double kPriorNeighbors = 10;

double mean_without(const Surroundings& of, double cosine, double prior) {
  return (of.sum - cosine + kPriorNeighbors * prior) / (of.count - 1 + kPriorNeighbors);
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
  const auto weight = [&](const std::string& name) {
    return std::log1p(static_cast<double>(memories) / static_cast<double>(sharers.at(name).size()));
  };
  double common = 0, all = 0;
  for (const std::string& name : shared_names(a, b)) common += weight(name);
  for (const std::string& name : a) all += weight(name);
  for (const std::string& name : b) all += weight(name);
  return all == common ? 0 : common / (all - common);
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

double lift(double cosine, const Surroundings& a, const Surroundings& b, double prior) {
  return cosine - (mean_without(a, cosine, prior) + mean_without(b, cosine, prior)) / 2;
}

}  // namespace tulving::consolidation
