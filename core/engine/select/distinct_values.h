#pragma once

#include "core/engine/select/filter_rows.h"
#include "tulving/reads.h"

namespace tulving::engine {

/// Tenant::distinct_values() of the rows in `visible`. The request has been checked. A pass over
/// the rows that its filter lets through, with a copy of each value that differs.
[[nodiscard]] DistinctPage distinct_values(const DistinctRequest& request, const Roaring& visible,
                                           const FilterContext& context);

}  // namespace tulving::engine
