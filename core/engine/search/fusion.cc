#include "core/engine/search/fusion.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/engine/state/row_places.h"

namespace tulving::engine {
namespace {

constexpr float kRrfK = 60.0F;

// Of each arm, those whose neighbouring turns become candidates.
constexpr std::size_t kContextSeeds = 50;

// The candidates of a search, each row once.
class CandidateSet {
 public:
  explicit CandidateSet(const FusionInput& input) : places_(input.row_limit) {
    list.reserve(input.by_vector.size() + input.by_text.size() + 4 * kContextSeeds);
    for (const auto& match : input.by_vector) at(match.row).parts.cosine = match.score;
    for (const auto& match : input.by_text) at(match.row).parts.bm25 = match.score;
  }

  Candidate& at(std::uint32_t row) {
    std::uint32_t place = places_.find(row);
    if (place == RowPlaces::kNone) {
      place = static_cast<std::uint32_t>(list.size());
      places_.set(row, place);
      list.push_back({.row = row});
    }
    return list[place];
  }

  [[nodiscard]] const Candidate* find(std::optional<std::uint32_t> row) const {
    const std::uint32_t place = row ? places_.find(*row) : RowPlaces::kNone;
    return place == RowPlaces::kNone ? nullptr : &list[place];
  }

  std::vector<Candidate> list;

 private:
  RowPlaces places_;
};

void add_neighbours(CandidateSet& candidates, const std::vector<index::ScoredRow>& arm,
                    const FusionSources& sources) {
  for (std::size_t i = 0; i < std::min(kContextSeeds, arm.size()); ++i) {
    for (const auto& place : sources.neighbours(arm[i].row).places) {
      for (const auto& row : {place.before, place.after}) {
        if (row) candidates.at(*row);
      }
    }
  }
}

void fill_missing(std::vector<Candidate>& candidates, const FusionSources& sources, bool vectors) {
  const auto part = [vectors](Candidate& candidate) -> std::optional<float>& {
    return vectors ? candidate.parts.cosine : candidate.parts.bm25;
  };
  std::vector<std::uint32_t> rows;
  rows.reserve(candidates.size());
  for (Candidate& candidate : candidates) {
    if (!part(candidate)) rows.push_back(candidate.row);
  }
  if (rows.empty()) return;
  const std::vector<float> scores = sources.score_rows(rows, vectors);
  std::size_t next = 0;
  for (Candidate& candidate : candidates) {
    if (part(candidate)) continue;
    const float score = scores[next++];
    if (!std::isnan(score)) part(candidate) = score;
  }
}

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
  }
}

float mean(const std::vector<float>& values) {
  float sum = 0.0F;
  for (const float value : values) sum += value;
  return values.empty() ? 0.0F : sum / static_cast<float>(values.size());
}

// The greatest of the values, kBestCount of them where there are so many.
constexpr std::size_t kBestCount = 3;
void keep_best(std::vector<float>& values) {
  const std::size_t count = std::min(kBestCount, values.size());
  std::partial_sort(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count),
                    values.end(), std::greater<>());
  values.resize(count);
}

// How much of the best texts' score is missing in the nearest memories. Those as near as the last
// of the nearest count too, so that no order of rows matters.
float loss_by_vector(const std::vector<Candidate>& candidates) {
  std::vector<float> texts, cosines, texts_of_nearest;
  for (const Candidate& candidate : candidates) {
    texts.push_back(candidate.parts.text_part);
    if (candidate.parts.cosine) cosines.push_back(*candidate.parts.cosine);
  }
  keep_best(texts);
  keep_best(cosines);
  for (const Candidate& candidate : candidates) {
    if (candidate.parts.cosine && *candidate.parts.cosine >= cosines.back()) {
      texts_of_nearest.push_back(candidate.parts.text_part);
    }
  }
  std::sort(texts_of_nearest.begin(), texts_of_nearest.end());  // a sum of its own order
  return std::clamp(mean(texts) - mean(texts_of_nearest), 0.0F, 1.0F);
}

ArmWeights given_weights(const FusionInput& input) {
  const float vector = input.vector_weight.value_or(0.5F);
  const float text = input.text_weight.value_or(0.5F);
  return {vector / (vector + text), text / (vector + text)};
}

ArmWeights weights_of(const std::vector<Candidate>& candidates, const FusionInput& input) {
  constexpr float kTextLeast = 0.25F, kTextMost = 0.85F;  // Where both find something.
  if (input.vector_weight || input.text_weight) return given_weights(input);
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

void add_context(CandidateSet& candidates, const FusionInput& input, const FusionSources& sources) {
  // From the relevances alone: a context is not passed on from turn to turn.
  for (Candidate& candidate : candidates.list) {
    float best = 0.0F;
    for (const auto& place : sources.neighbours(candidate.row).places) {
      float context = 0.0F;
      if (const auto* before = candidates.find(place.before)) context += before->score;
      if (const auto* after = candidates.find(place.after)) context += after->score / 2;
      best = std::max(best, context);
    }
    candidate.parts.context_part = input.context_weight * best;
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

Fused fuse_by_score(const FusionInput& input, const FusionSources& sources) {
  CandidateSet candidates(input);
  if (input.context_weight > 0) {
    add_neighbours(candidates, input.by_vector, sources);
    add_neighbours(candidates, input.by_text, sources);
  }
  fill_missing(candidates.list, sources, true);
  if (!input.text_is_complete) fill_missing(candidates.list, sources, false);
  scale(candidates.list);
  const ArmWeights weights = weights_of(candidates.list, input);
  add_relevance(candidates.list, weights);
  if (input.context_weight > 0) add_context(candidates, input, sources);
  finish(candidates.list);
  return {std::move(candidates.list), weights};
}

Fused fuse_by_rank(const FusionInput& input) {
  CandidateSet candidates(input);
  const float vector_weight = input.vector_weight.value_or(0.5F);
  const float text_weight = input.text_weight.value_or(0.5F);
  for (std::size_t rank = 0; rank < input.by_vector.size(); ++rank) {
    candidates.at(input.by_vector[rank].row).parts.vector_part =
        vector_weight / (kRrfK + static_cast<float>(rank + 1));
  }
  for (std::size_t rank = 0; rank < input.by_text.size(); ++rank) {
    candidates.at(input.by_text[rank].row).parts.text_part =
        text_weight / (kRrfK + static_cast<float>(rank + 1));
  }
  finish(candidates.list);
  return {std::move(candidates.list), given_weights(input)};
}

}  // namespace tulving::engine
