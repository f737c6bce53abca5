#include "core/engine/select/filter_rows.h"

#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/check.h"
#include "core/engine/select/decay_pass.h"
#include "core/engine/select/filter_fields.h"
#include "core/engine/select/json_match.h"
#include "core/model/metadata/metadata.h"
#include "core/model/names/names.h"
#include "core/model/rules/number_bound.h"

namespace tulving::engine {
namespace {

class RowFilter {
 public:
  explicit RowFilter(const FilterContext& context) : context_(context), tenant_(context.tenant) {
    if (auto lineage = tenant_.merge_sources()) {
      sources_.emplace(std::move(lineage), tenant_.memories.row_limit());
    }
  }

  JudgedRows run(const Filter& filter) && {
    Roaring rows = (*this)(filter);
    return {std::move(rows), std::move(sources_)};
  }

 private:
  // With the pairs of merges and sources for which it holds, as all that follows but rows_of() of a
  // condition.
  Roaring operator()(const Filter& filter) const {
    return std::visit([this](const auto& part) { return sources_ ? judged(part) : rows_of(part); },
                      filter.node);
  }

  template <class Part>
  Roaring judged(const Part& part) const {
    if constexpr (std::is_same_v<Part, AllOf> || std::is_same_v<Part, AnyOf> ||
                  std::is_same_v<Part, Not>) {
      return rows_of(part);
    } else {
      return sources_->with_pairs(rows_of(part), judge_of(part));
    }
  }

  // Value by value: what only the merge has is asked of each.
  Roaring judged(const FieldIn& condition) const {
    Roaring rows;
    for (const std::string& value : condition.values) {
      const FieldIn one{condition.field, {value}};
      rows |= sources_->with_pairs(rows_of(one), judge_of(one));
    }
    return rows;
  }

  static SourceRows::Of judge_of(const FieldIn& condition) { return judged_by(condition.field); }

  static SourceRows::Of judge_of(const MetadataEquals& condition) {
    return judged_by(JsonPart::kMetadata, condition.path);
  }

  static SourceRows::Of judge_of(const MetadataRange& range) {
    return judge_of(MetadataEquals{range.path, {}});
  }

  static SourceRows::Of judge_of(const JsonMatches& condition) {
    return judged_by(condition.part, condition.path);
  }

  // What a merge lives through itself is its own.
  static SourceRows::Of judge_of(const NumberRange& range) {
    switch (range.field) {
      case NumberField::kAbstractionLevel:
      case NumberField::kStrength:
      case NumberField::kUseCount:
      case NumberField::kUpdatedAt:
      case NumberField::kLastUsed:
      case NumberField::kReuseCount:
      case NumberField::kPromotedAt:
      case NumberField::kArchivedAt:
      case NumberField::kDeletedAt:
      case NumberField::kRevision:
        return SourceRows::Of::kMerge;
      default:
        return SourceRows::Of::kSourceOrAll;
    }
  }

  static SourceRows::Of judge_of(const DecayAtLeast& /*condition*/) {
    return SourceRows::Of::kMerge;
  }

  [[nodiscard]] Roaring everything() const {
    return sources_ ? sources_->with_all_pairs(tenant_.memories.rows()) : tenant_.memories.rows();
  }

  Roaring rows_of(const AllOf& all) const {
    if (all.parts.empty()) return everything();
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
    TULVING_DCHECK(negated.part.size() == 1);  // check_filter() came before.
    return everything() - (*this)(negated.part.front());
  }

  Roaring rows_of(const FieldIn& condition) const {
    if (model::is_id(condition.field)) return rows_with_id(condition);
    if (condition.field > Field::kId) {
      return where([&](std::uint32_t row) {
        return field_is_one_of(*tenant_.memories.record(row), condition.field, condition.values);
      });
    }
    Roaring rows;
    for (const std::string& value : condition.values) {
      if (condition.field == Field::kExternalId) {
        for (const std::uint32_t row : tenant_.rows_named(value)) rows.add(row);
      } else {
        add(rows, number_of(condition.field), value);
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

  Roaring rows_of(const MetadataRange& range) const {
    const model::Interval<Decimal> interval(range);
    return where([&](std::uint32_t row) {
      const std::string_view metadata = tenant_.memories.record(row)->metadata();
      return !metadata.empty() && has_number_in(metadata, range.path, interval);
    });
  }

  Roaring rows_of(const JsonMatches& condition) const {
    const JsonMatch match(condition);
    return where([&](std::uint32_t row) { return match.contains(*tenant_.memories.record(row)); });
  }

  // The ids in one form, whatever their letters' case.
  Roaring rows_with_id(const FieldIn& condition) const {
    Roaring rows;
    std::vector<std::string> ids;
    for (const std::string& value : condition.values) {
      const Uuid id = Uuid::parse(value).value_or(Uuid());
      ids.push_back(id.to_string());
      if (condition.field == Field::kConsolidatedIntoId) {
        add(rows, kConsolidatedIntoField, ids.back());
      } else if (const auto row = tenant_.memories.find(id); row && condition.field == Field::kId) {
        rows.add(*row);
      }
    }
    if (condition.field <= Field::kId) return rows;
    return where([&](std::uint32_t row) {
      return field_is_one_of(*tenant_.memories.record(row), condition.field, ids);
    });
  }

  Roaring rows_of(const NumberRange& range) const {
    const auto& memories = tenant_.memories;
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
      case NumberField::kStrength: {
        // The column holds floats. One that is not that of a bound stands to it as its double does;
        // where they are equal, the record says.
        const model::Interval<double> interval(range);
        const auto is_near = [&](float strength, const std::optional<Number>& bound) {
          return bound && static_cast<float>(model::Bound<double>(*bound).at()) == strength;
        };
        return where([&](std::uint32_t row) {
          const float strength = memories.strength(row);
          if (!is_near(strength, range.low) && !is_near(strength, range.high)) {
            return interval.contains(double{strength});
          }
          return interval.contains(memories.record(row)->strength());
        });
      }
      case NumberField::kUseCount: {
        const model::Interval<std::int64_t> interval(range);
        return where([&](std::uint32_t row) { return interval.contains(memories.use_count(row)); });
      }
      default: {
        const RecordRange interval(range);
        return where([&](std::uint32_t row) { return interval.contains(*memories.record(row)); });
      }
    }
  }

  Roaring rows_of(const DecayAtLeast& condition) const {
    DecayScores scores(tenant_.memories, context_.decay_model, context_.now);
    return where([&](std::uint32_t row) { return !scores.is_below(row, condition.score); });
  }

  static Roaring times(const index::SortedColumn& column, const NumberRange& range) {
    std::optional<std::int64_t> low = -kEndOfTime;
    std::optional<std::int64_t> high = kEndOfTime;
    if (range.low) low = model::least_within(*range.low, range.low_strict);
    if (range.high) high = model::greatest_within(*range.high, range.high_strict);
    return !low || !high || *low > *high ? Roaring() : column.range(*low, *high);
  }

  // Priorities 1..10 are stored by their last digit, which is unambiguous.
  Roaring digits(std::uint16_t field, int first, int last, const NumberRange& range) const {
    TULVING_DCHECK(first >= 0 && last - first < 10);  // Or two values would share a digit.
    const model::Interval<std::int64_t> interval(range);
    Roaring rows;
    for (int value = first; value <= last; ++value) {
      if (!interval.contains(value)) continue;
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
  std::optional<SourceRows> sources_;  // Empty: the tenant has no merges.
};

}  // namespace

bool matches_everything(const Filter& filter) {
  const auto* all = std::get_if<AllOf>(&filter.node);
  return all != nullptr && all->parts.empty();
}

// Where sources differ, a merge's source_type is none of theirs.
SourceRows::Of judged_by(Field field) {
  if (field == Field::kStatus || field == Field::kConsolidatedIntoId) return SourceRows::Of::kMerge;
  return field == Field::kSourceType ? SourceRows::Of::kSource : SourceRows::Of::kSourceOrAll;
}

// Values that differ stand in a merge as {"value": ..., "as_of": ...}: no source has these paths.
SourceRows::Of judged_by(JsonPart part, std::string_view path) {
  const bool is_made_by_the_merge = path.ends_with(".value") || path.ends_with(".as_of");
  return part == JsonPart::kMetadata && is_made_by_the_merge ? SourceRows::Of::kSource
                                                             : SourceRows::Of::kSourceOrAll;
}

JudgedRows judged_rows(const Filter& filter, const FilterContext& context) {
  return RowFilter(context).run(filter);
}

Roaring filter_rows(const Filter& filter, const FilterContext& context) {
  JudgedRows judged = judged_rows(filter, context);
  Roaring rows =
      judged.sources ? judged.sources->lifted(std::move(judged.rows)) : std::move(judged.rows);
  TULVING_DCHECK(rows.isSubset(context.tenant.memories.rows()));  // Pairs stand for their merges.
  return rows;
}

}  // namespace tulving::engine
