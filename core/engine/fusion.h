#pragma once

#include <functional>
#include <vector>

#include "core/engine/candidate.h"
#include "index/scored_row.h"

namespace tulving::engine {

/// The best of each arm, best first.
struct FusionInput {
  std::vector<index::ScoredRow> by_vector;
  std::vector<index::ScoredRow> by_text;
  float vector_weight = 0.5F;
  float text_weight = 0.5F;
};

/// Scores given rows in one arm (true: vectors; NaN where a row has none).
using ScoreRows = std::function<std::vector<float>(const std::vector<std::uint32_t>&, bool vectors)>;

/// Per-query min-max: every candidate of either arm gets both scores (`score_rows` supplies what its own arm
/// did not), each arm is scaled to 0..1 over the candidates, and the weighted sum divided by the weights
/// is the score. BM25's lower end is 0, the score of a text without a query word.
[[nodiscard]] std::vector<Candidate> fuse_by_score(const FusionInput& input,
                                                   const ScoreRows& score_rows);

/// Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): sum of weight / (60 + rank).
[[nodiscard]] std::vector<Candidate> fuse_by_rank(const FusionInput& input);

}  // namespace tulving::engine
