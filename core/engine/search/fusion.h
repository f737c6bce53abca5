#pragma once

#include <optional>
#include <span>

#include "core/engine/search/candidate.h"
#include "core/engine/search/turn_context.h"
#include "index/scored_row.h"

namespace tulving::engine {

/// How the two arms are to be joined, as the request says; checked.
struct FusionWeights {
  std::optional<float> vector, text;  ///< Both empty: as the query tells them apart.
  float context = 0.0F;
};

/// What counted how much; the sum is 1.
struct ArmWeights {
  float vector = 0.5F, text = 0.5F;
};

/// Per-query min-max. Every candidate comes with its score in both arms (`parts.cosine` and
/// `parts.bm25`; empty where it has none), each arm is scaled to 0..1 over the candidates, and the
/// weighted sum divided by the weights is the relevance. BM25's lower end is 0, the score of a text
/// without a query word.
///
/// Weights that are not given follow the query. By how much do the three best texts stand above
/// what the words score in the three nearest memories? If the nearest hold the words as well, text
/// tells nothing apart that the vector does not, and it gets a quarter; the more of the words'
/// score is lost by following the vector, the more it gets: 0.25 + 0.6 x the loss, in 0..1. An arm
/// that found nothing gets nothing.
///
/// Then context: a turn of a conversation means little without its neighbours ("Yes, three of
/// them!"), so weights.context times the relevance of the turn before it, and half of that for the
/// turn after, is added; of a merge's `places`, which are those of its turns, the best counts. A
/// neighbour that is no candidate has no relevance.
///
/// The order of candidates and places does not matter, not even to the last bit.
ArmWeights fuse_by_score(CandidateSet& candidates, std::span<const TurnPlace> places,
                         const FusionWeights& weights);

/// Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): sum of weight / (60 + rank). Both
/// arms' rows are best first, and candidates.
ArmWeights fuse_by_rank(CandidateSet& candidates, std::span<const index::ScoredRow> by_vector,
                        std::span<const index::ScoredRow> by_text, const FusionWeights& weights);

}  // namespace tulving::engine
