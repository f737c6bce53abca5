#pragma once

#include <cstdint>

#include "tulving/consolidation.h"

namespace tulving::consolidation {

/// Stores the findings of a run that changed nothing as AgentResults, `most` at most, and counts
/// them in the report: those that are not stored, are told by no plan and were not put off. A
/// finding's id is derived from who found what about which memories, so it is stored once, as it
/// was found first. Some may be stored when it fails; the next run stores the rest. kConflict: a
/// memory or task went meanwhile.
Status keep_results(Tenant& tenant, ConsolidationReport& report, std::uint64_t most);

}  // namespace tulving::consolidation
