#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tulving::consolidation {

// What makes two memories belong together, each kind of evidence by itself in 0..1.

/// For each name the memories that carry it, by number.
using Sharers = std::map<std::string, std::vector<std::uint32_t>>;

/// The names in both lists; each list ascending.
[[nodiscard]] std::vector<std::string> shared_names(const std::vector<std::string>& a,
                                                    const std::vector<std::string>& b);

/// Share of the rarity of both lists' names that they have in common: a weighted Jaccard index. A
/// name's weight is its inverse document frequency, log(1 + n / df).
[[nodiscard]] double name_overlap(const std::vector<std::string>& a,
                                  const std::vector<std::string>& b, const Sharers& sharers,
                                  std::size_t memories);

/// How much texts say: their words, each counted by its rarity among all of them.
class WordRarity {
 public:
  /// Counts a text's words. Texts are numbered in the order of adding.
  void add(std::string_view text);

  /// Sum over the text's different words of log(n / df) / log(n): a word that no other text has
  /// counts 1, one that all have 0. "Thanks, take care!" comes to less than 3.
  [[nodiscard]] double rare_words(std::uint32_t text) const;

 private:
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<std::uint32_t> counts_;              // Texts with the word, by its id.
  std::vector<std::vector<std::uint32_t>> words_;  // By text, each once.
};

/// The cosines of a memory to those nearest to it.
struct Surroundings {
  double sum = 0;
  double count = 0;
};

/// How far two memories are nearer to each other than to what surrounds them: their cosine less the
/// mean one of either's surroundings, themselves left out. Greetings and thanks are near to
/// hundreds of others and have little of it, whatever their cosine. After CSLS, the measure against
/// hubs of Conneau et al., "Word translation without parallel data", 2018; here with `prior` for
/// ten more neighbours of each, so that in a small tenant the cosine itself decides.
[[nodiscard]] double lift(double cosine, const Surroundings& a, const Surroundings& b,
                          double prior);

}  // namespace tulving::consolidation
