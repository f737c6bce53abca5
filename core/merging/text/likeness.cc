#include "core/merging/text/likeness.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/text/code_points.h"
#include "core/base/text/same_text.h"
#include "core/model/text/sentence_words.h"

namespace tulving::merging {
namespace {

constexpr std::size_t kSymbolsMax = 512;
constexpr double kWordsMin = 0.5;
constexpr double kCharactersMin = 0.7;
constexpr std::size_t kCompareAll = 256;
constexpr std::size_t kRareFeatures = 8;
constexpr std::size_t kPostingsMax = 16;

using Symbols = std::vector<std::uint32_t>;

// Of one sequence with many others, by bits (Hyyrö 2004): a zero of the row stands for one more
// symbol in common.
class CommonSubsequence {
 public:
  explicit CommonSubsequence(const Symbols& symbols)
      : size_(symbols.size()), words_((symbols.size() + 63) / 64) {
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      auto& mask = masks_[symbols[i]];
      mask.resize(words_);
      mask[i / 64] |= std::uint64_t{1} << (i % 64);
    }
  }

  /// Twice the longest common subsequence's part of both sequences together, 0..1; 0 where their
  /// lengths leave no hope of `enough`.
  [[nodiscard]] double share(const Symbols& other, double enough) const {
    const double both = static_cast<double>(size_ + other.size());
    const auto shorter = static_cast<double>(std::min(size_, other.size()));
    if (shorter == 0 || 2 * shorter < enough * both) return 0;
    std::vector<std::uint64_t> row(words_, ~std::uint64_t{0});
    for (const std::uint32_t symbol : other) {
      const auto mask = masks_.find(symbol);
      if (mask != masks_.end()) step(row, mask->second);
    }
    std::size_t common = 0;
    for (std::size_t i = 0; i < size_; ++i) common += ((row[i / 64] >> (i % 64)) & 1U) == 0 ? 1 : 0;
    return 2 * static_cast<double>(common) / both;
  }

 private:
  static void step(std::vector<std::uint64_t>& row, const std::vector<std::uint64_t>& mask) {
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < row.size(); ++w) {
      const std::uint64_t matched = row[w] & mask[w];
      const std::uint64_t partial = row[w] + matched;
      const std::uint64_t sum = partial + carry;
      carry = (partial < matched || sum < carry) ? 1 : 0;
      row[w] = sum | (row[w] & ~matched);
    }
  }

  std::size_t size_;
  std::size_t words_;
  std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> masks_;
};

class Finder {
 public:
  explicit Finder(std::span<const Saying> sayings) : sayings_(sayings) {
    for (const Saying& saying : sayings) read(saying.text);
    if (sayings.size() > kCompareAll) count_features();
  }

  std::vector<std::uint32_t> run() {
    first_.resize(sayings_.size());
    std::iota(first_.begin(), first_.end(), 0U);
    for (std::uint32_t i = 0; i < sayings_.size(); ++i) join_alike_before(i);
    for (std::uint32_t& first : first_) first = root(first);
    return std::move(first_);
  }

 private:
  struct Entry {
    Symbols words, characters;
  };

  void read(std::string_view text) {
    Entry& entry = entries_.emplace_back();
    const std::string form = same_text_form(text);
    for (const char32_t c : visible_code_points(form)) {
      entry.characters.push_back(static_cast<std::uint32_t>(c));
    }
    model::visit_words(form, [&](const model::SentenceWord& word) {
      const auto number = static_cast<std::uint32_t>(word_numbers_.size());
      entry.words.push_back(
          word_numbers_.try_emplace(std::string(word.text), number).first->second);
    });
  }

  [[nodiscard]] bool may_differ(std::uint32_t a, std::uint32_t b) const {
    return sayings_[a].source != sayings_[b].source || sayings_[a].is_said_by_several ||
           sayings_[b].is_said_by_several;
  }

  void join_alike_before(std::uint32_t i) {
    const Entry& entry = entries_[i];
    if (entry.words.size() > kSymbolsMax) return;
    const CommonSubsequence words(entry.words);
    std::optional<CommonSubsequence> characters;
    if (entry.characters.size() <= kSymbolsMax) characters.emplace(entry.characters);
    for (const std::uint32_t other : candidates(i)) {
      if (!may_differ(i, other) || root(i) == root(other)) continue;
      const Entry& before = entries_[other];
      if (before.words.size() > kSymbolsMax) continue;
      const bool by_words = words.share(before.words, kWordsMin) >= kWordsMin;
      const bool by_characters =
          !by_words && characters && before.characters.size() <= kSymbolsMax &&
          characters->share(before.characters, kCharactersMin) >= kCharactersMin;
      if (by_words || by_characters) join(i, other);
    }
  }

  // A group is named by its first statement.
  std::uint32_t root(std::uint32_t i) {
    while (first_[i] != i) i = first_[i] = first_[first_[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    const auto [low, high] = std::minmax({root(a), root(b)});
    first_[high] = low;
  }

  std::vector<std::uint32_t> candidates(std::uint32_t i) {
    std::vector<std::uint32_t> found;
    if (sayings_.size() <= kCompareAll) {
      found.resize(i);
      std::iota(found.begin(), found.end(), 0U);
      return found;
    }
    for (const std::uint64_t feature : rarest_features(i)) {
      auto& postings = postings_[feature];
      found.insert(found.end(), postings.begin(), postings.end());
      if (postings.size() < kPostingsMax) postings.push_back(i);
    }
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

  // Words, and three characters in a row.
  template <class Visit>
  void each_feature(const Entry& entry, const Visit& visit) const {
    for (const std::uint32_t word : entry.words) visit(std::uint64_t{word});
    const auto& characters = entry.characters;
    for (std::size_t i = 0; i + 2 < characters.size() && i < kSymbolsMax; ++i) {
      const std::uint64_t bits = (std::uint64_t{characters[i]} << 42U) |
                                 (std::uint64_t{characters[i + 1]} << 21U) | characters[i + 2];
      visit((std::uint64_t{1} << 63U) | bits);
    }
  }

  void count_features() {
    for (const Entry& entry : entries_) {
      if (entry.words.size() > kSymbolsMax) continue;
      each_feature(entry, [this](std::uint64_t feature) { ++counts_[feature]; });
    }
  }

  // Of those that are not its alone.
  [[nodiscard]] std::vector<std::uint64_t> rarest_features(std::uint32_t i) const {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> features;
    each_feature(entries_[i], [&](std::uint64_t feature) {
      const std::uint32_t count = counts_.at(feature);
      if (count > 1) features.emplace_back(count, feature);
    });
    std::ranges::sort(features);
    features.erase(std::unique(features.begin(), features.end()), features.end());
    std::vector<std::uint64_t> rarest;
    for (std::size_t k = 0; k < std::min(kRareFeatures, features.size()); ++k) {
      rarest.push_back(features[k].second);
    }
    return rarest;
  }

  std::span<const Saying> sayings_;
  std::vector<std::uint32_t> first_;  // Of each one's group, or one nearer to that.
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint32_t> word_numbers_;
  // Used for many statements only.
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> postings_;
};

}  // namespace

std::vector<std::uint32_t> first_alike(std::span<const Saying> sayings) {
  return Finder(sayings).run();
}

}  // namespace tulving::merging
