#pragma once

#include <string>

#include "core/consolidation/findings/finding.h"

namespace tulving::consolidation {

/// The result record as JSON: ids and figures, no text of a memory.
[[nodiscard]] std::string result_json(const FindingResult& result);

/// What a relation found by the agent says of itself: reasoning, shared_entities, similarity.
[[nodiscard]] std::string relation_notes(const RelationsResult& result);

}  // namespace tulving::consolidation
