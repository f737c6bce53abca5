#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::bench {

/// Made texts, as text_bench.cc describes them.
inline constexpr std::size_t kTextBytes = 500;

class Texts {
 public:
  Texts() : random_(42) {
    for (std::size_t i = 0; i < kVocabulary; ++i) {
      words_.push_back(made_word());
      weights_.push_back(1.0 / static_cast<double>(i + 1));
    }
    zipf_ = std::discrete_distribution<std::size_t>(weights_.begin(), weights_.end());
  }

  std::string text(std::size_t bytes = kTextBytes) {
    std::string text;
    while (text.size() < bytes) text += word() + separator();
    return text;
  }
  /// Of any length from a line to twice the usual.
  std::string text_of_any_length() { return text(60 + random_() % (2 * kTextBytes - 120)); }
  std::string query() {
    std::string text;
    for (auto words = 6 + random_() % 5; words > 0; --words) text += word() + " ";
    return text;
  }
  /// Two to five words among those that are the `first` to `last` in frequency.
  std::string query_of_band(std::size_t first, std::size_t last) {
    std::string text;
    for (auto words = 2 + random_() % 4; words > 0; --words) {
      text += words_[first + random_() % (last - first)] + " ";
    }
    return text;
  }

  static constexpr std::size_t kVocabulary = 50'000;

 private:
  std::string made_word() {
    static constexpr std::string_view kSyllables[] = {"ba", "ren", "to", "mi",  "sal", "ku", "der",
                                                      "vo", "lin", "pa", "tor", "ne",  "ga", "shi"};
    std::string word;
    for (auto n = 2 + random_() % 3; n > 0; --n) word += kSyllables[random_() % 14];
    return word;
  }
  std::string word() {
    static constexpr std::string_view kStopWords[] = {
        "the", "and", "of", "I", "you", "was", "it", "that", "for", "with", "they", "about"};
    if (random_() % 2 == 0) return std::string(kStopWords[random_() % 12]);
    std::string word = words_[zipf_(random_)];
    if (random_() % 8 == 0) word[0] = static_cast<char>(word[0] - 'a' + 'A');
    if (random_() % 6 == 0) word += random_() % 2 == 0 ? "s" : "ing";
    return word;
  }
  std::string separator() {
    const auto roll = random_() % 20;
    return roll == 0 ? ". " : roll == 1 ? ", " : roll == 2 ? "'s " : " ";
  }

  std::mt19937_64 random_;
  std::vector<std::string> words_;
  std::vector<double> weights_;
  std::discrete_distribution<std::size_t> zipf_;
};

}  // namespace tulving::bench
