#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/rules/number_bound.h"
#include "storage/codec/codec.h"
#include "tulving/filter.h"

namespace tulving::engine {

// Conditions on fields that have no index, asked of one record after another.

/// Calls `visit` with the record's value of `field`, or with each of its values, as FieldIn
/// compares it; ids in Uuid::to_string()'s form. Without a value: not at all.
void each_value(const storage::MemoryRecord& record, Field field,
                const std::function<void(std::string_view value)>& visit);

/// Whether one of `values` is the record's value of `field`, or one of its values; `field` comes
/// after Field::kId. Ids are in Uuid::to_string()'s form.
[[nodiscard]] bool field_is_one_of(const storage::MemoryRecord& record, Field field,
                                   const std::vector<std::string>& values);

/// A NumberRange over a field that has neither a column nor bitmaps.
class RecordRange {
 public:
  explicit RecordRange(const NumberRange& range)
      : field_(range.field), integers_(range), floats_(range) {}

  [[nodiscard]] bool contains(const storage::MemoryRecord& record) const;

 private:
  NumberField field_;
  model::Interval<std::int64_t> integers_;
  model::Interval<double> floats_;
};

/// Whether some number at `path` in the JSON object `metadata` lies in `interval`.
[[nodiscard]] bool has_number_in(std::string_view metadata, std::string_view path,
                                 const model::Interval<Decimal>& interval);

}  // namespace tulving::engine
