#include "core/engine/filter_rows.h"

#include <cmath>
#include <limits>

#include "core/engine/decay_pass.h"
#include "core/model/metadata.h"

namespace tulving::engine {
namespace {

constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();

class RowFilter {
 public:
  explicit RowFilter(const FilterContext& context) : context_(context), tenant_(context.tenant) {}

  Roaring operator()(const Filter& filter) const {
    return std::visit([this](const auto& part) { return rows_of(part); }, filter.node);
  }

 private:
  Roaring rows_of(const AllOf& all) const {
    if (all.parts.empty()) return tenant_.memories.rows();
    Roaring rows = (*this)(all.parts.front());
    for (std::size_t i = 1; i < all.parts.size() && !rows.isEmpty(); ++i) {
      rows &= (*this)(all.parts[i]);
    }
    return rows;
  }

  Roaring rows_of(const AnyOf& any) const {
    Roaring rows;
    for (const Filter& part : any.parts) rows |= (*this)(part);
    return rows;
  }

  Roaring rows_of(const Not& negated) const {
    return tenant_.memories.rows() - (*this)(negated.part.front());
  }

  Roaring rows_of(const FieldIn& condition) const {
    Roaring rows;
    for (const std::string& value : condition.values) {
      if (condition.field == Field::kExternalId) {
        const auto row = tenant_.memories.find(Uuid::derive(tenant_.id, value));
        if (row && tenant_.memories.record(*row)->external_id() == value) rows.add(*row);
      } else {
        add(rows, static_cast<std::uint16_t>(condition.field), value);
      }
    }
    return rows;
  }

  Roaring rows_of(const MetadataEquals& condition) const {
    Roaring rows;
    if (const auto value = model::canonical_scalar(condition.value)) {
      add(rows, kMetadataField, condition.path + '\0' + *value);
    }
    return rows;
  }

  Roaring rows_of(const NumberRange& range) const {
    switch (range.field) {
      case NumberField::kCreatedAt:
        return times(tenant_.created, range);
      case NumberField::kUpdatedAt:
        return times(tenant_.updated, range);
      case NumberField::kLastUsed:
        return times(tenant_.last_used, range);
      case NumberField::kExpiresAt:
        return times(tenant_.expires, range);
      case NumberField::kPriority:
        return digits(kPriorityField, 1, 10, range);
      case NumberField::kAbstractionLevel:
        return digits(kLevelField, 0, 3, range);
      case NumberField::kStrength:
        return where([&](std::uint32_t row) {
          return contains(range, static_cast<double>(tenant_.memories.strength(row)));
        });
      case NumberField::kUseCount:
        return where([&](std::uint32_t row) {
          return contains(range, static_cast<double>(tenant_.memories.use_count(row)));
        });
    }
    return {};
  }

  Roaring rows_of(const DecayAtLeast& condition) const {
    DecayScores scores(tenant_.memories, context_.decay_model, context_.now);
    return where([&](std::uint32_t row) { return !scores.is_below(row, condition.score); });
  }

  static bool contains(const NumberRange& range, double value) {
    if (range.low && (range.low_strict ? value <= *range.low : value < *range.low)) return false;
    if (range.high && (range.high_strict ? value >= *range.high : value > *range.high))
      return false;
    return true;
  }

  // A bound as the nearest integer inside the range: doubles hold microseconds exactly until 2255.
  static std::int64_t low_bound(const NumberRange& range) {
    if (!range.low || *range.low <= -9e18) return -kEndOfTime;
    if (*range.low >= 9e18) return kEndOfTime;
    const double up = std::ceil(*range.low);
    const auto bound = static_cast<std::int64_t>(up);
    return range.low_strict && up == *range.low ? bound + 1 : bound;
  }

  static std::int64_t high_bound(const NumberRange& range) {
    if (!range.high || *range.high >= 9e18) return kEndOfTime;
    if (*range.high <= -9e18) return -kEndOfTime;
    const double down = std::floor(*range.high);
    const auto bound = static_cast<std::int64_t>(down);
    return range.high_strict && down == *range.high ? bound - 1 : bound;
  }

  static Roaring times(const index::SortedColumn& column, const NumberRange& range) {
    const std::int64_t low = low_bound(range);
    const std::int64_t high = high_bound(range);
    return low > high ? Roaring() : column.range(low, high);
  }

  // Priorities 1..10 are stored by their last digit, which is unambiguous.
  Roaring digits(std::uint16_t field, int first, int last, const NumberRange& range) const {
    Roaring rows;
    for (int value = first; value <= last; ++value) {
      if (!contains(range, value)) continue;
      const char digit = static_cast<char>('0' + value % 10);
      add(rows, field, std::string_view(&digit, 1));
    }
    return rows;
  }

  void add(Roaring& rows, std::uint16_t field, std::string_view value) const {
    if (const Roaring* found = tenant_.attributes.find(field, value)) rows |= *found;
  }

  template <class Predicate>
  Roaring where(const Predicate& predicate) const {
    std::vector<std::uint32_t> matches;
    for (const std::uint32_t row : tenant_.memories.rows()) {
      if (predicate(row)) matches.push_back(row);
    }
    return {matches.size(), matches.data()};
  }

  const FilterContext& context_;
  const TenantState& tenant_;
};

}  // namespace

bool matches_everything(const Filter& filter) {
  const auto* all = std::get_if<AllOf>(&filter.node);
  return all != nullptr && all->parts.empty();
}

Roaring filter_rows(const Filter& filter, const FilterContext& context) {
  return RowFilter(context)(filter);
}

}  // namespace tulving::engine
