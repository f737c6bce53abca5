#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::merging {

struct PatternOptions {
  std::string tenant_id;
  Timestamp now;
  int level = 2;          ///< 2: a pattern of memories; 3: a principle of patterns.
  double cohesion = 0;    ///< Of the sources, -1..1.
  double confidence = 0;  ///< 0..1; becomes confidence_score.
  std::uint64_t text_bytes_max = 1'000'000;
  /// The pattern's text, when someone else wrote it. Empty: common_text().
  std::optional<std::string> text;
  ConsolidationMethod method = ConsolidationMethod::kHeuristic;
};

/// What a group's memories have in common, extractively: the text of the one that is nearest to all
/// others by the vectors of `model` (of equally near ones the first), then, a line each, sentences
/// of others that more than half of the sources share and that text lacks. Empty when no source has
/// a text.
[[nodiscard]] std::string common_text(std::span<const Memory> sources, const std::string& model);

/// See tulving::JobRunner for the rule.
[[nodiscard]] PatternType pattern_type_of(std::span<const Memory> sources);

/// A pattern or principle of `sources`, which have their embeddings and come oldest first. Scope,
/// expiry and embeddings are as merge_memories() makes them; it begins its own life now.
///
/// kInvalidArgument: fewer than two sources, none with a text, or a rule of records.h is broken.
Result<Memory> make_pattern(std::span<const Memory> sources, const std::string& model,
                            const PatternOptions& options);

}  // namespace tulving::merging
