// What follows relevance: bounded factors of decay, priority and recency, and diversity.

#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/engine/search/search.h"
#include "tulving/decay.h"

namespace tulving::engine {

void Searcher::blend(std::vector<Candidate>& candidates) const {
  const RankingBlend& weights = request_.blend;
  if (weights.decay <= 0 && weights.priority <= 0 && weights.recency <= 0) return;
  const auto factor = [](float weight, double x) {
    return 1.0F + weight * (static_cast<float>(x) - 0.5F);
  };
  const auto& table = tenant_.memories;
  const std::int64_t now = now_.time_since_epoch().count();
  for (Candidate& candidate : candidates) {
    const std::uint32_t row = candidate.row;
    if (weights.decay > 0) {
      const DecayInput input{table.use_count(row), table.strength(row),
                             static_cast<double>(now - table.last_used_us(row)) * 1e-6};
      candidate.parts.decay_factor =
          factor(weights.decay, decay_score_clamped(context_.decay_model, input));
    }
    if (weights.priority > 0) {
      candidate.parts.priority_factor = factor(weights.priority, (table.priority(row) - 1) / 9.0);
    }
    if (weights.recency > 0) {
      const double age = std::max(0.0, static_cast<double>(now - table.created_us(row)) * 1e-6);
      const auto half_life = static_cast<double>(weights.recency_half_life.count());
      candidate.parts.recency_factor = factor(weights.recency, std::exp2(-age / half_life));
    }
    // Bounded: what is relevant can be moved, never turned round.
    TULVING_DCHECK(candidate.parts.decay_factor > 0 && candidate.parts.priority_factor > 0 &&
                   candidate.parts.recency_factor > 0);
    candidate.score *= candidate.parts.decay_factor * candidate.parts.priority_factor *
                       candidate.parts.recency_factor;
  }
}

// Greedy maximal marginal relevance (Carbonell and Goldstein 1998): each next result is the one
// with the greatest lambda * relevance - (1 - lambda) * its greatest cosine with a result before
// it.
void Searcher::diversify(std::vector<Candidate>& candidates) const {
  const index::VectorIndex* index = vector_index();
  if (index == nullptr || candidates.empty()) return;
  TULVING_DCHECK(request_.mmr_lambda.has_value());
  TULVING_DCHECK(std::ranges::is_sorted(candidates, std::ranges::greater(), &Candidate::score));
  const float lambda = *request_.mmr_lambda;
  // Sorted, so the first is the best: it scales BM25 to the range that cosines have already.
  const float best_score = candidates.front().score;
  const float scale = best_score > 1 ? 1 / best_score : 1.0F;
  std::vector<float> closest(candidates.size(), 0.0F);
  const std::size_t count = std::min<std::size_t>(wanted(), candidates.size());
  for (std::size_t place = 0; place < count; ++place) {
    std::size_t best = place;
    float best_value = -INFINITY;
    for (std::size_t i = place; i < candidates.size(); ++i) {
      const float value = lambda * scale * candidates[i].score - (1 - lambda) * closest[i];
      if (value > best_value) {
        best_value = value;
        best = i;
      }
    }
    // Rotated rather than swapped, so that those left keep their order and ties stay settled.
    std::rotate(candidates.begin() + static_cast<std::ptrdiff_t>(place),
                candidates.begin() + static_cast<std::ptrdiff_t>(best),
                candidates.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    std::rotate(closest.begin() + static_cast<std::ptrdiff_t>(place),
                closest.begin() + static_cast<std::ptrdiff_t>(best),
                closest.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    for (std::size_t i = place + 1; i < candidates.size(); ++i) {
      const float cosine = index->similarity(candidates[i].row, candidates[place].row);
      if (!std::isnan(cosine)) closest[i] = std::max(closest[i], cosine);
    }
  }
}

}  // namespace tulving::engine
