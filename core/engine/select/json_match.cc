#include "core/engine/select/json_match.h"

#include <compare>

#include "core/base/check.h"
#include "core/base/json/json_text.h"
#include "core/base/text/folded_case.h"
#include "core/model/metadata/metadata.h"

namespace tulving::engine {
namespace {

bool is_string(std::string_view scalar) { return scalar.starts_with('"'); }

bool is_in_order(std::strong_ordering order, JsonRelation relation) {
  switch (relation) {
    case JsonRelation::kLess:
      return order < 0;
    case JsonRelation::kLessOrEqual:
      return order <= 0;
    case JsonRelation::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

}  // namespace

JsonMatch::JsonMatch(const JsonMatches& condition) : condition_(condition) {
  if (condition.relation == JsonRelation::kPresent) return;
  canonical_ = model::canonical_scalar(condition.operand).value_or(std::string());
  TULVING_DCHECK(!canonical_.empty());  // check_filter().
  if (is_string(canonical_)) text_ = decode_json_string(canonical_);
  if (condition.relation == JsonRelation::kContainsCaseless) text_ = folded_case(text_);
  if (model::is_json_number(canonical_)) number_ = Decimal::of_json(canonical_);
}

bool JsonMatch::contains(const storage::MemoryRecord& record) const {
  const std::string_view json =
      condition_.part == JsonPart::kMetadata ? record.metadata() : record.content();
  if (json.empty()) return false;
  bool found = false;
  model::visit_metadata_scalars(json, [&](std::string_view path, std::string_view scalar) {
    found = found || (path == condition_.path && holds(scalar));
  });
  return found;
}

bool JsonMatch::holds(std::string_view scalar) const {
  switch (condition_.relation) {
    case JsonRelation::kPresent:
      return true;
    case JsonRelation::kEquals:
      return scalar == canonical_;
    case JsonRelation::kStartsWith:
    case JsonRelation::kContains:
    case JsonRelation::kContainsCaseless:
      return is_string(scalar) && holds_text(scalar);
    default:
      return holds_order(scalar);
  }
}

bool JsonMatch::holds_text(std::string_view scalar) const {
  const std::string text = decode_json_string(scalar);
  if (condition_.relation == JsonRelation::kStartsWith) return text.starts_with(text_);
  if (condition_.relation == JsonRelation::kContains) return text.find(text_) != std::string::npos;
  return folded_case(text).find(text_) != std::string::npos;
}

bool JsonMatch::holds_order(std::string_view scalar) const {
  if (number_) {
    return model::is_json_number(scalar) &&
           is_in_order(Decimal::of_json(scalar) <=> *number_, condition_.relation);
  }
  return is_string(scalar) &&
         is_in_order(decode_json_string(scalar) <=> text_, condition_.relation);
}

}  // namespace tulving::engine
