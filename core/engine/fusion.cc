#include "core/engine/fusion.h"

#include <algorithm>
#include <cmath>

#include "core/engine/row_places.h"

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

// Scales both arms to 0..1 and sums them.
void add_relevance(std::vector<Candidate>& candidates, const FusionInput& input) {
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
  const float total = input.vector_weight + input.text_weight;
  for (Candidate& candidate : candidates) {
    ScoreParts& parts = candidate.parts;
    if (parts.cosine) {
      const float scaled = high > low ? (*parts.cosine - low) / (high - low) : 1.0F;
      parts.vector_part = input.vector_weight / total * scaled;
    }
    if (best_text > 0) {
      parts.text_part = input.text_weight / total * parts.bm25.value_or(0.0F) / best_text;
    }
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

std::vector<Candidate> fuse_by_score(const FusionInput& input, const FusionSources& sources) {
  CandidateSet candidates(input);
  if (input.context_weight > 0) {
    add_neighbours(candidates, input.by_vector, sources);
    add_neighbours(candidates, input.by_text, sources);
  }
  fill_missing(candidates.list, sources, true);
  if (!input.text_is_complete) fill_missing(candidates.list, sources, false);
  add_relevance(candidates.list, input);
  if (input.context_weight > 0) add_context(candidates, input, sources);
  finish(candidates.list);
  return std::move(candidates.list);
}

std::vector<Candidate> fuse_by_rank(const FusionInput& input) {
  CandidateSet candidates(input);
  for (std::size_t rank = 0; rank < input.by_vector.size(); ++rank) {
    candidates.at(input.by_vector[rank].row).parts.vector_part =
        input.vector_weight / (kRrfK + static_cast<float>(rank + 1));
  }
  for (std::size_t rank = 0; rank < input.by_text.size(); ++rank) {
    candidates.at(input.by_text[rank].row).parts.text_part =
        input.text_weight / (kRrfK + static_cast<float>(rank + 1));
  }
  finish(candidates.list);
  return std::move(candidates.list);
}

}  // namespace tulving::engine
