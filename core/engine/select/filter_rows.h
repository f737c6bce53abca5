#pragma once

#include <roaring/roaring.hh>

#include "core/engine/state/tenant_state.h"
#include "tulving/filter.h"
#include "tulving/options.h"

namespace tulving::engine {

struct FilterContext {
  const TenantState& tenant;
  Timestamp now;
  DecayModel decay_model = DecayModel::kPowerLaw;
};

/// True for the filter that lets everything through, which callers skip.
[[nodiscard]] bool matches_everything(const Filter& filter);

/// The rows of `context.tenant` that `filter` lets through, exactly. The filter has passed
/// model::check_filter. String and metadata conditions cost their bitmaps, times a binary search,
/// counters and decay a pass over their columns, the fields without an index, and ranges in
/// metadata, a pass over the records. A merge is judged by its sources, as filter.h says, for a
/// pass over all pairs of a merge and a source a condition; a tenant without merges pays nothing.
[[nodiscard]] Roaring filter_rows(const Filter& filter, const FilterContext& context);

}  // namespace tulving::engine
