#include "core/engine/search/fusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/base/check.h"

namespace tulving::engine {
namespace {

constexpr float kRrfK = 60.0F;

// Scales both arms to 0..1.
void scale(std::vector<Candidate>& candidates) {
  float low = INFINITY;
  float high = -INFINITY;
  float best_text = 0.0F;
  for (const Candidate& candidate : candidates) {
    if (candidate.parts.cosine) {
      low = std::min(low, *candidate.parts.cosine);
      high = std::max(high, *candidate.parts.cosine);
    }
    best_text = std::max(best_text, candidate.parts.bm25.value_or(0.0F));
  }
  for (Candidate& candidate : candidates) {
    ScoreParts& parts = candidate.parts;
    if (parts.cosine) {
      parts.vector_part = high > low ? (*parts.cosine - low) / (high - low) : 1.0F;
    }
    if (best_text > 0) parts.text_part = parts.bm25.value_or(0.0F) / best_text;
    TULVING_DCHECK(parts.vector_part >= 0 && parts.vector_part <= 1);  // No NaN comes in.
    TULVING_DCHECK(parts.text_part >= 0 && parts.text_part <= 1);
  }
}

// The three greatest of some values, or all where there are fewer; greatest first.
class GreatestThree {
 public:
  void add(float value) {
    if (count_ == values_.size()) {
      if (value <= values_.back()) return;
      --count_;
    }
    std::size_t place = count_++;
    for (; place > 0 && values_[place - 1] < value; --place) values_[place] = values_[place - 1];
    values_[place] = value;
  }
  [[nodiscard]] std::span<const float> values() const { return std::span(values_).first(count_); }

 private:
  std::array<float, 3> values_ = {};
  std::size_t count_ = 0;
};

float mean(std::span<const float> values) {
  float sum = 0.0F;
  for (const float value : values) sum += value;
  return values.empty() ? 0.0F : sum / static_cast<float>(values.size());
}

// How much of the best texts' score is missing in the nearest memories. Those as near as the last
// of the nearest count too, so that no order of rows matters.
float loss_by_vector(const std::vector<Candidate>& candidates) {
  GreatestThree texts, cosines;
  for (const Candidate& candidate : candidates) {
    texts.add(candidate.parts.text_part);
    if (candidate.parts.cosine) cosines.add(*candidate.parts.cosine);
  }
  std::vector<float> texts_of_nearest;
  for (const Candidate& candidate : candidates) {
    if (candidate.parts.cosine && *candidate.parts.cosine >= cosines.values().back()) {
      texts_of_nearest.push_back(candidate.parts.text_part);
    }
  }
  std::sort(texts_of_nearest.begin(), texts_of_nearest.end());  // a sum of its own order
  return std::clamp(mean(texts.values()) - mean(texts_of_nearest), 0.0F, 1.0F);
}

ArmWeights given_weights(const FusionWeights& given) {
  const float vector = given.vector.value_or(0.5F);
  const float text = given.text.value_or(0.5F);
  TULVING_DCHECK(vector + text > 0);  // check_request() refuses two weights of 0.
  return {vector / (vector + text), text / (vector + text)};
}

ArmWeights weights_of(const std::vector<Candidate>& candidates, const FusionWeights& given) {
  constexpr float kTextLeast = 0.25F, kTextMost = 0.85F;  // Where both find something.
  if (given.vector || given.text) return given_weights(given);
  const auto has_text = [](const Candidate& candidate) { return candidate.parts.text_part > 0; };
  const auto has_vector = [](const Candidate& candidate) {
    return candidate.parts.cosine.has_value();
  };
  if (std::ranges::none_of(candidates, has_text)) return {1.0F, 0.0F};
  if (std::ranges::none_of(candidates, has_vector)) return {0.0F, 1.0F};
  const float text = kTextLeast + (kTextMost - kTextLeast) * loss_by_vector(candidates);
  return {1.0F - text, text};
}

void add_relevance(std::vector<Candidate>& candidates, const ArmWeights& weights) {
  for (Candidate& candidate : candidates) {
    ScoreParts& parts = candidate.parts;
    parts.vector_part *= weights.vector;
    parts.text_part *= weights.text;
    candidate.score = parts.vector_part + parts.text_part;
  }
}

// From the relevances alone, which are the scores so far: a context is not passed on from turn to
// turn.
void add_context(CandidateSet& candidates, std::span<const TurnPlace> places, float weight) {
  const auto relevance = [&candidates](std::uint32_t row) {
    const Candidate* neighbour = row == TurnPlace::kNone ? nullptr : candidates.find(row);
    return neighbour == nullptr ? 0.0F : neighbour->score;
  };
  for (const TurnPlace& place : places) {
    Candidate* candidate = candidates.find(place.row);
    if (candidate == nullptr) continue;
    const float context = weight * (relevance(place.before) + relevance(place.after) / 2);
    float& part = candidate->parts.context_part;
    part = std::max(part, context);
  }
}

void finish(std::vector<Candidate>& candidates) {
  for (Candidate& candidate : candidates) {
    ScoreParts& parts = candidate.parts;
    parts.relevance = parts.vector_part + parts.text_part + parts.context_part;
    candidate.score = parts.relevance;
  }
}

}  // namespace

ArmWeights fuse_by_score(CandidateSet& candidates, std::span<const TurnPlace> places,
                         const FusionWeights& weights) {
  scale(candidates.list);
  const ArmWeights counted = weights_of(candidates.list, weights);
  TULVING_DCHECK(std::fabs(counted.vector + counted.text - 1.0F) < 1e-5F);
  add_relevance(candidates.list, counted);
  add_context(candidates, places, weights.context);
  finish(candidates.list);
  return counted;
}

ArmWeights fuse_by_rank(CandidateSet& candidates, std::span<const index::ScoredRow> by_vector,
                        std::span<const index::ScoredRow> by_text, const FusionWeights& weights) {
  const auto share = [](float weight, std::size_t rank) {
    return weight / (kRrfK + static_cast<float>(rank + 1));
  };
  // A rank is a place in the list, so lists are best first.
  const auto best_first = [](std::span<const index::ScoredRow> rows) {
    return std::ranges::is_sorted(rows, std::ranges::greater(), &index::ScoredRow::score);
  };
  TULVING_DCHECK(best_first(by_vector) && best_first(by_text));
  for (std::size_t rank = 0; rank < by_vector.size(); ++rank) {
    candidates.at(by_vector[rank].row).parts.vector_part =
        share(weights.vector.value_or(0.5F), rank);
  }
  for (std::size_t rank = 0; rank < by_text.size(); ++rank) {
    candidates.at(by_text[rank].row).parts.text_part = share(weights.text.value_or(0.5F), rank);
  }
  finish(candidates.list);
  return given_weights(weights);
}

}  // namespace tulving::engine
