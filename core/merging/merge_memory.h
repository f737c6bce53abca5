#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::merging {

struct MergeOptions {
  std::string tenant_id;
  Timestamp now;
  double cohesion = 0;    ///< Of the cluster, -1..1.
  double confidence = 0;  ///< 0..1; becomes confidence_score.
  std::uint64_t text_bytes_max = 1'000'000;
  /// The merge's text, when someone else wrote it. Empty: merge_texts().
  std::optional<std::string> text;
  ConsolidationMethod method = ConsolidationMethod::kHeuristic;
};

/// One memory that stands for `sources`, two or more with different ids, in any order; what it says
/// of each field does not depend on that order. Its id is derived from the tenant and the sources'
/// ids, so that the same merge is the same memory.
///
/// - text: merge_texts(). summary: the text's first sentences, or what callers wrote as summaries.
/// - tags, entities, facts, keywords, actions: each once; tags sorted, the others in order of time.
/// - agent, user, project, session, task, stage, source_agent, source_id, parent, pattern_type,
///   source_type (else observation): what all agree on, else none.
/// - memory_type and layer: the commonest; of equally common ones the alphabetically first type and
///   the more lasting layer (working, episodic, semantic, procedural).
/// - content and metadata: the members of all; where they differ, all values with their times, see
///   merge_json.h; tool_usage and error_patterns likewise.
/// - goal, result, feedback, outcome: each value once; where they differ, a line each with its
/// time,
///   "... (as of 2024-05-01)". success: what all that say so agree on; else none, and the values
///   stand in metadata as "success".
/// - created_at earliest, last_used latest, expires_at latest or none where one has none.
/// - counts summed, to int32's maximum; priority and relevance the highest; critical if one is,
/// with
///   all reasons; strength min(2, highest + min(0.5, 0.1 n cohesion)).
/// - abstraction_level: the sources' highest, 1 at the least.
/// - embeddings: for each model that all have, the mean of the normalised vectors, normalised; left
///   out where the vectors cancel out.
///
/// kInvalidArgument: fewer than two sources, an id given twice or nil, cohesion or confidence out
/// of range, or the merge breaks a rule of records.h, such as a text above text_bytes_max: nothing
/// is ever cut to fit.
Result<Memory> merge_memories(std::span<const Memory> sources, const MergeOptions& options);

}  // namespace tulving::merging
