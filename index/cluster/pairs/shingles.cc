#include "index/cluster/pairs/shingles.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/hash.h"
#include "index/cluster/workers.h"
#include "index/text/analysis/analyzer.h"

namespace tulving::index {
namespace {

constexpr std::size_t kWordsOfPhrase = 3;

std::vector<std::uint64_t> phrases_of(std::string_view text) {
  Analyzer& analyzer = Analyzer::of_this_thread();
  std::vector<std::string_view> words;
  for (const Word& word : analyzer.split(text)) {
    // Single characters of a run repeat what its pairs say.
    if (word.kind != WordKind::kCharacter) words.push_back(analyzer.folded(word));
  }
  const std::size_t length = words.size() < kWordsOfPhrase ? 1 : kWordsOfPhrase;
  std::vector<std::uint64_t> phrases;
  std::string phrase;
  for (std::size_t first = 0; first + length <= words.size(); ++first) {
    phrase.clear();
    for (std::size_t i = first; i < first + length; ++i) {
      phrase.append(words[i]).push_back('\0');  // No word holds one.
    }
    phrases.push_back(xxh3(phrase));
  }
  std::sort(phrases.begin(), phrases.end());
  phrases.erase(std::unique(phrases.begin(), phrases.end()), phrases.end());
  return phrases;
}

}  // namespace

Shingles::Shingles(std::span<const std::string_view> texts, const Workers& workers)
    : sets_(texts.size()) {
  workers.share(size(), [&](std::uint32_t row) { sets_[row] = phrases_of(texts[row]); });
}

FixedCosine Shingles::cosine(std::uint32_t a, std::uint32_t b) const {
  const auto& x = sets_[a];
  const auto& y = sets_[b];
  if (x.empty() || y.empty()) return 0;
  std::size_t common = 0;
  for (auto i = x.begin(), j = y.begin(); i != x.end() && j != y.end();) {
    if (*i == *j) ++common;
    const bool advance_i = *i <= *j;
    const bool advance_j = *j <= *i;
    if (advance_i) ++i;
    if (advance_j) ++j;
  }
  const double square = static_cast<double>(x.size()) * static_cast<double>(y.size());
  return to_fixed(static_cast<double>(common) / std::sqrt(square));
}

}  // namespace tulving::index
