#pragma once

#include <string>
#include <string_view>

#include "tulving/consolidation_jobs.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

// The two JSON columns of consolidation.consolidation_jobs. Both are read member by member; what
// does not fit its member is kInvalidArgument with the value and the rule, and changes nothing.

/// {"date_range": {"from", "until"} or null, "memory_types": [...], "unconsolidated_only": true}.
[[nodiscard]] std::string to_scope_json(const JobScope& scope);
/// A member of another name is refused: it may leave out memories that the job would then take.
Status read_scope_json(std::string_view text, JobScope& scope);

/// The counts of JobMetrics, then "progress" and "plan_ids".
[[nodiscard]] std::string to_metrics_json(const ConsolidationJob& job);
/// Members of other names are figures of other applications, for which a job has no field: they are
/// passed over.
Status read_metrics_json(std::string_view text, ConsolidationJob& job);

}  // namespace tulving::storage::postgres
