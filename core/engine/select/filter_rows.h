#pragma once

#include <optional>
#include <roaring/roaring.hh>
#include <string_view>

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

/// filter_rows() before merges are what their sources say: a pair of a merge and a source is a row
/// of its own.
struct JudgedRows {
  Roaring rows;
  std::optional<SourceRows> sources;  ///< Empty: the tenant has no merges, and `rows` no pairs.
};
[[nodiscard]] JudgedRows judged_rows(const Filter& filter, const FilterContext& context);

/// Whose value a source of a merge is judged by.
[[nodiscard]] SourceRows::Of judged_by(Field field);
[[nodiscard]] SourceRows::Of judged_by(JsonPart part, std::string_view path);

}  // namespace tulving::engine
