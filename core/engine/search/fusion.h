#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/engine/search/candidate.h"
#include "index/scored_row.h"

namespace tulving::engine {

/// What the two arms found, best first, and how to join it.
struct FusionInput {
  std::vector<index::ScoredRow> by_vector;
  std::vector<index::ScoredRow> by_text;
  bool text_is_complete = false;  ///< A row not in by_text has no word of the query.
  std::optional<float> vector_weight, text_weight;  ///< Both empty: as the query tells them apart.
  float context_weight = 0.0F;
  std::size_t row_limit = 0;  ///< Greater than any row.
};

/// The turns before and after a memory, as rows that may be returned; a merge has those of every
/// turn that it stands for.
struct Neighbours {
  struct Place {
    std::optional<std::uint32_t> before, after;
  };
  absl::InlinedVector<Place, 1> places;
};

/// What the fusion asks of the tenant.
struct FusionSources {
  /// Scores of given rows in one arm (true: vectors; NaN where a row has none).
  std::function<std::vector<float>(const std::vector<std::uint32_t>&, bool vectors)> score_rows;
  std::function<Neighbours(std::uint32_t row)> neighbours;
};

/// What counted how much; the sum is 1.
struct ArmWeights {
  float vector = 0.5F, text = 0.5F;
};

struct Fused {
  std::vector<Candidate> candidates;
  ArmWeights weights;
};

/// Per-query min-max: every candidate of either arm gets both scores (`score_rows` supplies what
/// its own arm did not), each arm is scaled to 0..1 over the candidates, and the weighted sum
/// divided by the weights is the relevance. BM25's lower end is 0, the score of a text without a
/// query word.
///
/// Weights that are not given follow the query. By how much do the three best texts stand above
/// what the words score in the three nearest memories? If the nearest hold the words as well, text
/// tells nothing apart that the vector does not, and it gets a quarter; the more of the words'
/// score is lost by following the vector, the more it gets: 0.25 + 0.75 x the loss, in 0..1. An arm
/// that found nothing gets nothing.
///
/// Then context: a turn of a conversation means little without its neighbours ("Yes, three of
/// them!"), so context_weight times the relevance of the turn before it, and half of that for the
/// turn after, is added; a merge takes the best of its turns' places. The neighbours of the best
/// candidates become candidates too.
[[nodiscard]] Fused fuse_by_score(const FusionInput& input, const FusionSources& sources);

/// Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): sum of weight / (60 + rank).
[[nodiscard]] Fused fuse_by_rank(const FusionInput& input);

}  // namespace tulving::engine
