// A search by text and vector: what both arms find, and what stands beside it in its conversation,
// scored by both and joined.

#include <algorithm>
#include <cmath>
#include <span>

#include "core/base/check.h"
#include "core/engine/search/search.h"
#include "index/top_rows.h"

namespace tulving::engine {
namespace {

using index::RowOrder;
using index::ScoredRow;

// Candidates that the arms bring to a fusion. What a pool leaves out is too far behind for the
// other arm to lift it into the first k but for a corner: on 997 questions about long
// conversations, pools of 50 and of everything differ by 0.1 points of recall@10. Of a small tenant
// text has the larger one, because a complete list of matches spares scoring the others. In a large
// one a query's words match thousands, and the more are asked for the fewer are skipped.
constexpr std::uint32_t kPoolMin = 100;
constexpr std::uint32_t kCompleteTextPoolMin = 400;
constexpr std::size_t kSmallTenant = 4096;

// Of each arm, the best so many bring their neighbouring turns, if context counts.
constexpr std::size_t kContextSeeds = 50;

// Where an arm's score stands in a candidate's parts.
using Part = std::optional<float> ScoreParts::*;

void add_found(std::span<const ScoredRow> rows, Part part, CandidateSet& candidates) {
  for (const ScoredRow& found : rows) candidates.at(found.row).parts.*part = found.score;
}

// Brings the best to the front, in no order.
std::size_t seeds_to_front(std::vector<ScoredRow>& rows, const index::TieOrder& ties) {
  if (rows.size() <= kContextSeeds) return rows.size();
  index::best_to_front(rows, kContextSeeds, ties);
  return kContextSeeds;
}

// What the arm says of the candidates that it did not find itself.
template <class Arm>
void score_missing(const Arm& arm, Part part, std::vector<Candidate>& candidates) {
  std::vector<std::uint32_t> rows;
  rows.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    if (!(candidate.parts.*part)) rows.push_back(candidate.row);
  }
  std::vector<float> scores(rows.size());
  arm.score(rows, scores);
  auto score = scores.begin();
  for (Candidate& candidate : candidates) {
    if (candidate.parts.*part) continue;
    if (!std::isnan(*score)) candidate.parts.*part = *score;
    ++score;
  }
  TULVING_DCHECK(score == scores.end());  // Each score went to the candidate it was made for.
}

}  // namespace

std::vector<Candidate> Searcher::hybrid_candidates() {
  TULVING_DCHECK(text_arm_.has_value() && request_.vector);  // The mode wants both.
  const std::uint32_t vector_pool = std::max(wanted() * kPoolPerResult, kPoolMin);
  const bool is_small = tenant_.memories.size() <= kSmallTenant;
  const std::uint32_t text_pool =
      is_small ? std::max(vector_pool, kCompleteTextPoolMin) : vector_pool;
  const bool by_rank = request_.fusion == Fusion::kRrf;
  const RowOrder order = by_rank ? RowOrder::kBestFirst : RowOrder::kAny;
  std::vector<ScoredRow> by_text = best_by_text(text_pool, order);
  // What the text arm found the vector arm is to score.
  const std::size_t scores = by_rank ? 0 : by_text.size();
  std::vector<ScoredRow> by_vector = best_by_vector(vector_pool, order, scores);
  // A text that was not found has no word of the query, unless the list was cut.
  const bool text_is_complete = by_text.size() < text_pool && !partial_;
  const FusionWeights weights{request_.vector_weight, request_.text_weight,
                              request_.context_weight};
  CandidateSet candidates(tenant_.memories.row_limit(),
                          by_vector.size() + by_text.size() + 4 * kContextSeeds);
  if (by_rank) {
    add_found(by_vector, &ScoreParts::cosine, candidates);
    add_found(by_text, &ScoreParts::bm25, candidates);
    weights_ = fuse_by_rank(candidates, by_vector, by_text, weights);
    return std::move(candidates.list);
  }
  // The seeds of both arms first: turn_places() begins with them.
  const std::size_t vector_seeds = seeds_to_front(by_vector, tenant_.memories.ties());
  const std::size_t text_seeds = seeds_to_front(by_text, tenant_.memories.ties());
  add_found(std::span(by_vector).first(vector_seeds), &ScoreParts::cosine, candidates);
  add_found(std::span(by_text).first(text_seeds), &ScoreParts::bm25, candidates);
  const std::size_t seeds = candidates.list.size();
  add_found(std::span(by_vector).subspan(vector_seeds), &ScoreParts::cosine, candidates);
  add_found(std::span(by_text).subspan(text_seeds), &ScoreParts::bm25, candidates);

  std::vector<TurnPlace> places;
  if (weights.context > 0) places = turn_places(candidates, seeds);
  if (vector_arm_) score_missing(*vector_arm_, &ScoreParts::cosine, candidates.list);
  if (!text_is_complete) score_missing(*text_arm_, &ScoreParts::bm25, candidates.list);
  weights_ = fuse_by_score(candidates, places, weights);
  return std::move(candidates.list);
}

// The places of all candidates. The neighbours of the first `seeds` become candidates too.
std::vector<TurnPlace> Searcher::turn_places(CandidateSet& candidates, std::size_t seeds) const {
  TULVING_DCHECK(seeds <= candidates.list.size());
  const TurnContext context(tenant_, allowed_);
  std::vector<TurnPlace> places;
  places.reserve(candidates.list.size() + 2 * seeds);
  for (std::size_t i = 0; i < seeds; ++i) {
    std::size_t place = places.size();
    context.add_places(candidates.list[i].row, places);
    for (; place < places.size(); ++place) {
      for (const std::uint32_t row : {places[place].before, places[place].after}) {
        if (row != TurnPlace::kNone) candidates.at(row);
      }
    }
  }
  for (std::size_t i = seeds; i < candidates.list.size(); ++i) {
    context.add_places(candidates.list[i].row, places);
  }
  return places;
}

}  // namespace tulving::engine
