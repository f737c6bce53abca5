#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tulving/options.h"

namespace tulving::index {

class InvertedIndex;

/// A term that a query looks for: a word of it as it stands, or another form that counts for less.
struct QueryTerm {
  std::uint32_t term = 0;
  float weight = 1.0F;          ///< How often the query has it, times what its form counts.
  std::uint32_t documents = 0;  ///< Rows to be counted as having it, for its idf.
};

/// A term's share of a passage's score; see bm25.cc.
struct TermScore {
  float weight;
  float base, slope;  ///< k1 (1 - b) and k1 b / average length

  [[nodiscard]] float operator()(std::uint32_t times, float length) const {
    const auto tf = static_cast<float>(static_cast<std::int32_t>(times));  // one instruction
    return weight * tf / (tf + base + slope * length);
  }
};

struct WeighedTerm {
  std::uint32_t term = 0;
  TermScore score = {};
};

/// What each term counts in the index as it is now, in the terms' order.
[[nodiscard]] std::vector<WeighedTerm> weigh(const InvertedIndex& index,
                                             std::span<const QueryTerm> terms,
                                             const Bm25Params& params);

/// The scores of given rows, each looked up in the terms' postings; 0 where nothing matches.
void score_bm25(const InvertedIndex& index, std::span<const WeighedTerm> terms,
                std::span<const std::uint32_t> rows, std::span<float> scores);

}  // namespace tulving::index
