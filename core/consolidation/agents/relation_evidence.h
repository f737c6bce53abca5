#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
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

/// Share of the rarity of both lists' names that they have in common: a weighted Jaccard index with
/// inverse document frequencies, log(1 + n / df), as weights. Times how rare the rarest of them is,
/// log(n / df) / log(n / 2): 1 for a name of these two alone, 0 for one that all have. So "Maya" in
/// every other memory relates nobody, be it the only name of both.
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

/// How near to a memory those are that it has nothing in particular to do with: the mean cosine of
/// the nearest tenth of a sample of its tenant's, up to 600 memories. A tenth, so that it means
/// the same in a large tenant; and ten more of cosine `prior`, so that in a small one the cosine of
/// a pair decides by itself.
class Surroundings {
 public:
  /// A memory of the sample. Vectors of one model, of any length.
  void add(std::span<const float> vector);
  [[nodiscard]] bool is_full() const { return rows_ == kSampleMax; }

  [[nodiscard]] double mean_of(std::span<const float> vector, double prior) const;

 private:
  static constexpr std::size_t kSampleMax = 600;
  std::vector<float> units_;  // Row after row.
  std::size_t rows_ = 0;
};

/// How far two memories are nearer to each other than to their surroundings. Greetings and thanks
/// are near to hundreds of others and have little of it, whatever their cosine. The measure against
/// hubs of Conneau et al., "Word translation without parallel data", 2018 (CSLS), halved.
[[nodiscard]] inline double lift(double cosine, double around_a, double around_b) {
  return cosine - (around_a + around_b) / 2;
}

}  // namespace tulving::consolidation
