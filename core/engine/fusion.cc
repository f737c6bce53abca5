#include "core/engine/fusion.h"

#include <algorithm>
#include <cmath>

#include <absl/container/flat_hash_map.h>

namespace tulving::engine {
namespace {

constexpr float kRrfK = 60.0F;

// The candidates of both arms, each once, with the scores its own arms gave.
std::vector<Candidate> joined(const FusionInput& input) {
  std::vector<Candidate> candidates;
  candidates.reserve(input.by_vector.size() + input.by_text.size());
  absl::flat_hash_map<std::uint32_t, std::size_t> places;
  places.reserve(input.by_vector.size());
  for (const auto& match : input.by_vector) {
    places.emplace(match.row, candidates.size());
    candidates.push_back({.row = match.row});
    candidates.back().parts.cosine = match.score;
  }
  for (const auto& match : input.by_text) {
    const auto place = places.find(match.row);
    if (place == places.end()) candidates.push_back({.row = match.row});
    Candidate& candidate = place == places.end() ? candidates.back() : candidates[place->second];
    candidate.parts.bm25 = match.score;
  }
  return candidates;
}

void fill_missing(std::vector<Candidate>& candidates, const ScoreRows& score_rows, bool vectors) {
  const auto part = [vectors](Candidate& candidate) -> std::optional<float>& {
    return vectors ? candidate.parts.cosine : candidate.parts.bm25;
  };
  std::vector<std::uint32_t> rows;
  for (Candidate& candidate : candidates) {
    if (!part(candidate)) rows.push_back(candidate.row);
  }
  if (rows.empty()) return;
  const std::vector<float> scores = score_rows(rows, vectors);
  std::size_t next = 0;
  for (Candidate& candidate : candidates) {
    if (part(candidate)) continue;
    const float score = scores[next++];
    if (!std::isnan(score)) part(candidate) = score;
  }
}

void finish(std::vector<Candidate>& candidates) {
  for (Candidate& candidate : candidates) {
    candidate.parts.relevance = candidate.parts.vector_part + candidate.parts.text_part;
    candidate.score = candidate.parts.relevance;
  }
}

}  // namespace

std::vector<Candidate> fuse_by_score(const FusionInput& input, const ScoreRows& score_rows) {
  std::vector<Candidate> candidates = joined(input);
  fill_missing(candidates, score_rows, true);
  fill_missing(candidates, score_rows, false);
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
    if (candidate.parts.cosine) {
      const float scaled = high > low ? (*candidate.parts.cosine - low) / (high - low) : 1.0F;
      candidate.parts.vector_part = input.vector_weight / total * scaled;
    }
    if (best_text > 0) {
      candidate.parts.text_part =
          input.text_weight / total * candidate.parts.bm25.value_or(0.0F) / best_text;
    }
  }
  finish(candidates);
  return candidates;
}

std::vector<Candidate> fuse_by_rank(const FusionInput& input) {
  std::vector<Candidate> candidates = joined(input);
  absl::flat_hash_map<std::uint32_t, std::size_t> places;
  for (std::size_t i = 0; i < candidates.size(); ++i) places.emplace(candidates[i].row, i);
  for (std::size_t rank = 0; rank < input.by_vector.size(); ++rank) {
    candidates[places[input.by_vector[rank].row]].parts.vector_part =
        input.vector_weight / (kRrfK + static_cast<float>(rank + 1));
  }
  for (std::size_t rank = 0; rank < input.by_text.size(); ++rank) {
    candidates[places[input.by_text[rank].row]].parts.text_part =
        input.text_weight / (kRrfK + static_cast<float>(rank + 1));
  }
  finish(candidates);
  return candidates;
}

}  // namespace tulving::engine
