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
  /// The raw memories behind those sources that are merges themselves, as far as they are there:
  /// when they said a thing is when their merge said it. Must outlive the call.
  std::span<const Memory> origins = {};
};

/// One memory that stands for `sources`, two or more with different ids, in any order; what it says
/// of each field does not depend on that order. Its id is derived from the tenant and the sources'
/// ids, so that the same merge is the same memory. A function of its arguments alone: to make a
/// merge again after a source changed, pass the sources as they are now with their embeddings, the
/// merge's tenant, consolidated_at as now, the cohesion and confidence it was made with, origins as
/// they are now, and no text unless the old one is to stay.
///
/// It is lossless: a value is left out only where another source has the same one, but for Unicode
/// composition (NFC) and white space. Where sources differ in what is one value, all are kept with
/// the times when they were last said.
///
/// - text: merge_texts(). summary: the text's first sentences, or what callers wrote as summaries,
///   merged like texts.
/// - tags, entities, keywords, actions: each once; tags sorted, the others in order of time.
/// - facts: each once, those that are nearly the same side by side with their dates, as in texts.
/// - agent, user, project, expires_at: the sources', which must agree.
/// - session, task, stage, source_agent, source_id, parent, pattern_type, source_type (else
///   observation): what all agree on, else none. Filters ask the sources (filter.h).
/// - memory_type and layer: the commonest; of equally common ones the alphabetically first type and
///   the more lasting layer (working, episodic, semantic, procedural).
/// - content and metadata: the members of all; where they differ, all values with their times, see
///   merge_json.h; tool_usage and error_patterns likewise.
/// - goal, result, feedback, outcome: each value once; where they differ, a line each with its
/// time,
///   "... (as of 2024-05-01T09:30:00Z)", the newest last. success: what all that say so agree on;
///   else none, and the values stand in metadata as "success".
/// - created_at earliest, last_used latest.
/// - counts summed, to int32's maximum; priority and relevance the highest; critical if one is,
/// with
///   all reasons; strength min(2, highest + min(0.5, 0.1 n cohesion)).
/// - abstraction_level: the sources' highest, 1 at the least.
/// - embeddings: for each model that any has, the mean of the normalised vectors of those that have
///   one, normalised; left out where the vectors cancel out.
///
/// kInvalidArgument: fewer than two sources, an id given twice or nil, cohesion or confidence out
/// of range, a border lies between the sources (model::border_within(): they differ in user, agent,
/// project or expires_at, or have vectors of no model in common), or the merge breaks a rule of
/// records.h, such as a text above text_bytes_max: nothing is ever cut to fit.
Result<Memory> merge_memories(std::span<const Memory> sources, const MergeOptions& options);

}  // namespace tulving::merging
