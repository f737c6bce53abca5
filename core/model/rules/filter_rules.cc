#include "core/model/rules/filter_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/text/utf8.h"
#include "core/model/metadata/metadata.h"
#include "core/model/names/names.h"
#include "core/model/rules/checker.h"

namespace tulving::model {
namespace {

Error refusal(std::string message, std::string_view field = {}) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), std::string(field)};
}

Status check_values(const FieldIn& condition) {
  if (condition.field > Field::kContentHash) {
    return refusal("a filter names a field that does not exist");
  }
  const std::string_view field = to_string(condition.field);
  const auto known = value_names(condition.field);
  for (const auto& value : condition.values) {
    if (first_invalid_utf8(value)) {
      return refusal(fmt::format("{} is compared with text that is not UTF-8 without NUL", field),
                     field);
    }
    if (is_id(condition.field) && !Uuid::parse(value)) {
      return refusal(fmt::format("{} is compared with {}; must be a UUID", field, in_quotes(value)),
                     field);
    }
    if (known.empty() || std::ranges::find(known, value) != known.end()) continue;
    return refusal(fmt::format("{} is compared with {}; must be one of {}", field, in_quotes(value),
                               fmt::join(known, ", ")),
                   field);
  }
  return {};
}

bool has_nan(const auto& range) {
  return (range.low && range.low->is_nan()) || (range.high && range.high->is_nan());
}

Status check_bounds(const NumberRange& range) {
  if (range.field > NumberField::kRevision) {
    return refusal("a filter names a field that does not exist");
  }
  const std::string_view field = to_string(range.field);
  if (has_nan(range)) {
    return refusal(fmt::format("{} is compared with NaN; must be a number", field), field);
  }
  return {};
}

Status check_metadata_bounds(const MetadataRange& range) {
  if (range.path.empty()) return refusal("metadata is compared without a path", "metadata");
  if (has_nan(range)) {
    return refusal(fmt::format("metadata.{} is compared with NaN; must be a number", range.path),
                   "metadata");
  }
  return {};
}

Status check_metadata(const MetadataEquals& condition) {
  if (condition.path.empty()) return refusal("metadata is compared without a path", "metadata");
  if (!canonical_scalar(condition.value)) {
    return refusal(fmt::format("metadata.{} is compared with {}; must be a JSON string, number, "
                               "boolean or null",
                               condition.path, in_quotes(condition.value)),
                   "metadata");
  }
  return {};
}

Status check_json(const JsonMatches& condition) {
  if (condition.part > JsonPart::kContent || condition.relation > JsonRelation::kContainsCaseless) {
    return refusal("a filter names a part or a relation that does not exist");
  }
  const std::string_view part = to_string(condition.part);
  if (condition.path.empty()) {
    return refusal(fmt::format("{} is compared without a path", part), part);
  }
  const auto must_be = [&](std::string_view what) {
    return refusal(fmt::format("{}.{} is compared with {}; must be {}", part, condition.path,
                               in_quotes(condition.operand), what),
                   part);
  };
  if (condition.relation == JsonRelation::kPresent) {
    return condition.operand.empty() ? Status() : must_be("nothing");
  }
  const auto scalar = canonical_scalar(condition.operand);
  if (!scalar) return must_be("a JSON string, number, boolean or null");
  const bool is_string = scalar->front() == '"';
  const bool has_order = is_string || is_json_number(*scalar);
  if (condition.relation >= JsonRelation::kStartsWith && !is_string) {
    return must_be("a JSON string");
  }
  if (condition.relation != JsonRelation::kEquals && !has_order) {
    return must_be("a JSON string or number");
  }
  return {};
}

class FilterCheck {
 public:
  // Not recursive in the hostile case: depth is bounded before each descent.
  Status check(const Filter& filter, std::size_t depth) {
    if (depth > kFilterDepthMax) {
      return refusal(fmt::format("the filter is nested deeper than {} levels", kFilterDepthMax));
    }
    if (++nodes_ > kFilterNodesMax) {
      return refusal(fmt::format("the filter has more than {} conditions", kFilterNodesMax));
    }
    return std::visit([&](const auto& node) { return check_node(node, depth); }, filter.node);
  }

 private:
  Status check_node(const AllOf& all, std::size_t depth) { return check_parts(all.parts, depth); }
  Status check_node(const AnyOf& any, std::size_t depth) { return check_parts(any.parts, depth); }
  Status check_node(const Not& negation, std::size_t depth) {
    if (negation.part.size() != 1) {
      return refusal(fmt::format("a not has {} parts; must have exactly 1", negation.part.size()));
    }
    return check_parts(negation.part, depth);
  }
  Status check_node(const FieldIn& condition, std::size_t /*depth*/) {
    return check_values(condition);
  }
  Status check_node(const NumberRange& range, std::size_t /*depth*/) { return check_bounds(range); }
  Status check_node(const MetadataEquals& condition, std::size_t /*depth*/) {
    return check_metadata(condition);
  }
  Status check_node(const MetadataRange& range, std::size_t /*depth*/) {
    return check_metadata_bounds(range);
  }
  Status check_node(const JsonMatches& condition, std::size_t /*depth*/) {
    return check_json(condition);
  }
  Status check_node(const DecayAtLeast& condition, std::size_t /*depth*/) {
    if (condition.score >= 0 && condition.score <= 1) return {};
    return refusal(fmt::format("decay_score is compared with {}; must be 0..1", condition.score),
                   "decay_score");
  }

  Status check_parts(const std::vector<Filter>& parts, std::size_t depth) {
    for (const auto& part : parts) {
      if (auto status = check(part, depth + 1); !status) return status;
    }
    return {};
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Status check_filter(const Filter& filter) { return FilterCheck().check(filter, 1); }

}  // namespace tulving::model
