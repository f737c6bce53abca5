#include "core/json/filter/filter_conditions.h"

#include <fmt/format.h>

#include <utility>

#include "core/model/names/names.h"
#include "core/model/rules/filter_rules.h"

namespace tulving::json {
namespace {

constexpr std::string_view kMetadataDot = "metadata.";
constexpr std::string_view kContentDot = "content.";

// Calls `read_part` with each operator and operand of {"gte": 3, ...} and joins the parts by and.
template <class ReadPart>
Result<Filter> read_operators(const FieldValue& in, std::string_view operators,
                              const ReadPart& read_part) {
  std::vector<Filter> parts;
  const auto read_one = [&](std::string_view name, JsonValue operand) -> Status {
    Result<Filter> part = read_part(name, FieldValue{in.field, operand});
    if (!part) return part.error();
    parts.push_back(*std::move(part));
    return {};
  };
  if (auto status = read_each_once(in.field, in.value, read_one); !status) return status.error();
  if (parts.empty()) return in.must_be(fmt::format("a value or an object of {}", operators));
  return joined(std::move(parts));
}

Error unknown_operator(std::string_view field, std::string_view name, std::string_view operators) {
  return refusal(fmt::format("{} has the unknown operator {}; must be {}", field, name, operators),
                 field);
}

// An array whose parts are joined by or.
Result<Filter> read_any_of(const FieldValue& in, const ReadPart& read_element) {
  auto parts = read_parts(in, "an array", read_element);
  if (!parts) return parts.error();
  return any_of(*std::move(parts));
}

// A field of text.

Status read_text(Field field, const FieldValue& in, std::string& out) {
  if (!model::is_truth_value(field)) return read(in, out);
  bool value = false;
  if (auto status = read(in, value); !status) return status;
  out = value ? "true" : "false";
  return {};
}

Result<Filter> read_text_operator(Field field, std::string_view name, const FieldValue& operand) {
  const bool list = model::is_list(field);
  if (name == "eq" || name == "ne") {
    std::string value;
    if (auto status = read_text(field, operand, value); !status) return status.error();
    Filter filter = equals(field, std::move(value));
    return name == "eq" ? std::move(filter) : not_(std::move(filter));
  }
  if (name == "in" && model::is_truth_value(field)) {
    return read_any_of(operand, [&](const FieldValue& element) {
      return read_text_operator(field, "eq", element);
    });
  }
  if (name == "in" || (list && (name == "any" || name == "all" || name == "none"))) {
    std::vector<std::string> values;
    if (auto status = read(operand, values); !status) return status.error();
    if (name == "none") return not_(in(field, std::move(values)));
    if (name != "all") return in(field, std::move(values));
    std::vector<Filter> parts;
    parts.reserve(values.size());
    for (auto& value : values) parts.push_back(equals(field, std::move(value)));
    return all_of(std::move(parts));
  }
  return unknown_operator(operand.field, name,
                          list ? "any, all, none, eq, ne or in" : "eq, ne or in");
}

Result<Filter> read_text_field(Field field, const FieldValue& in) {
  if (in.value.kind() != JsonKind::kObject) return read_text_operator(field, "eq", in);
  return read_operators(in, "operators", [&](std::string_view name, const FieldValue& operand) {
    return read_text_operator(field, name, operand);
  });
}

// What has an order: a field of numbers or times, or a number in the metadata.

Result<Number> read_bound(NumberField field, const FieldValue& in) {
  if (model::is_time(field) && in.value.kind() == JsonKind::kString) {
    Timestamp time;
    if (auto status = read(in, time); !status) return status.error();
    return Number(time);
  }
  if (model::is_time(field) && (in.value.kind() != JsonKind::kNumber ||
                                in.value.raw().find_first_of(".eE") != std::string_view::npos)) {
    return in.must_be("an RFC 3339 time or an integer of microseconds since 1970");
  }
  Number number = 0;
  if (auto status = read(in, number); !status) return status.error();
  return number;
}

bool is_order(std::string_view name) {
  return name == "gt" || name == "gte" || name == "lt" || name == "lte";
}

// `range`, open so far, with the one bound that the operator sets.
template <class Range>
Filter bounded(Range range, std::string_view name, Number bound) {
  (name.starts_with('g') ? range.low : range.high) = std::move(bound);
  range.low_strict = name == "gt";
  range.high_strict = name == "lt";
  return range;
}

Result<Filter> read_number_operator(NumberField field, std::string_view name,
                                    const FieldValue& operand) {
  if (name == "in") {
    return read_any_of(operand, [&](const FieldValue& element) {
      return read_number_operator(field, "eq", element);
    });
  }
  const bool equality = name == "eq" || name == "ne";
  if (!equality && !is_order(name)) {
    return unknown_operator(operand.field, name, "eq, ne, in, gt, gte, lt or lte");
  }
  auto bound = read_bound(field, operand);
  if (!bound) return bound.error();
  if (!equality) {
    return bounded(NumberRange{.field = field, .low = {}, .high = {}}, name, *std::move(bound));
  }
  Filter equal = number_equals(field, *std::move(bound));
  return name == "ne" ? not_(std::move(equal)) : std::move(equal);
}

Result<Filter> read_number_field(NumberField field, const FieldValue& in) {
  if (in.value.kind() != JsonKind::kObject) return read_number_operator(field, "eq", in);
  return read_operators(in, "operators", [&](std::string_view name, const FieldValue& operand) {
    return read_number_operator(field, name, operand);
  });
}

// Metadata.

// Where a condition looks: "metadata.a.b", "content.title".
struct JsonPath {
  JsonPart part;
  std::string_view path;
};

constexpr std::string_view kJsonOperators =
    "eq, ne, in, gt, gte, lt, lte, present, starts_with, contains or icontains";

Result<Filter> read_scalar(const JsonPath& at, const FieldValue& in) {
  if (in.value.kind() == JsonKind::kObject || in.value.kind() == JsonKind::kArray) {
    return in.must_be("a string, number, boolean or null");
  }
  if (at.part == JsonPart::kMetadata) {
    return Filter(MetadataEquals{std::string(at.path), std::string(in.value.raw())});
  }
  return Filter(JsonMatches{at.part, std::string(at.path), JsonRelation::kEquals,
                            std::string(in.value.raw())});
}

JsonRelation order_of(std::string_view name) {
  if (name == "gt") return JsonRelation::kGreater;
  if (name == "gte") return JsonRelation::kGreaterOrEqual;
  return name == "lt" ? JsonRelation::kLess : JsonRelation::kLessOrEqual;
}

Result<Filter> read_order(const JsonPath& at, std::string_view name, const FieldValue& operand) {
  const JsonKind kind = operand.value.kind();
  if (kind == JsonKind::kString || at.part == JsonPart::kContent) {
    if (kind != JsonKind::kString && kind != JsonKind::kNumber) {
      return operand.must_be("a number or a string");
    }
    return Filter(JsonMatches{at.part, std::string(at.path), order_of(name),
                              std::string(operand.value.raw())});
  }
  Number bound = 0;
  if (auto status = read(operand, bound); !status) return status.error();
  return bounded(MetadataRange{.path = std::string(at.path), .low = {}, .high = {}}, name,
                 std::move(bound));
}

std::optional<JsonRelation> text_relation(std::string_view name) {
  if (name == "starts_with") return JsonRelation::kStartsWith;
  if (name == "contains") return JsonRelation::kContains;
  if (name == "icontains") return JsonRelation::kContainsCaseless;
  return std::nullopt;
}

Result<Filter> read_json_operator(const JsonPath& at, std::string_view name,
                                  const FieldValue& operand) {
  if (name == "eq") return read_scalar(at, operand);
  if (name == "ne") {
    auto filter = read_scalar(at, operand);
    if (!filter) return filter;
    return not_(*std::move(filter));
  }
  if (name == "in") {
    return read_any_of(operand,
                       [&](const FieldValue& element) { return read_scalar(at, element); });
  }
  if (name == "present") {
    bool present = false;
    if (auto status = read(operand, present); !status) return status.error();
    Filter filter = JsonMatches{at.part, std::string(at.path), JsonRelation::kPresent, {}};
    return present ? std::move(filter) : not_(std::move(filter));
  }
  if (const auto relation = text_relation(name)) {
    if (operand.value.kind() != JsonKind::kString) return operand.must_be("a string");
    return Filter(
        JsonMatches{at.part, std::string(at.path), *relation, std::string(operand.value.raw())});
  }
  if (!is_order(name)) return unknown_operator(operand.field, name, kJsonOperators);
  return read_order(at, name, operand);
}

// A scalar, or an object of operators.
Result<Filter> read_json_path(JsonPart part, std::string_view prefix, const FieldValue& in) {
  const JsonPath at{part, in.field.substr(prefix.size())};
  if (in.value.kind() != JsonKind::kObject) return read_scalar(at, in);
  return read_operators(in, "operators", [&](std::string_view name, const FieldValue& operand) {
    return read_json_operator(at, name, operand);
  });
}

// "metadata": {"a": {"b": 1}}: every scalar in it must be there, under its path.
Status read_metadata_object(const std::string& path, const FieldValue& in, std::size_t depth,
                            std::vector<Filter>& parts) {
  if (in.value.kind() != JsonKind::kObject) {
    if (path.empty()) return in.must_be("an object");
    auto part = read_scalar({JsonPart::kMetadata, path}, in);
    if (!part) return part.error();
    parts.push_back(*std::move(part));
    return {};
  }
  if (depth > model::kFilterDepthMax) return in.must_be("nested less deeply");
  return read_each_once(in.field, in.value, [&](std::string_view key, JsonValue value) {
    const std::string inner = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
    return read_metadata_object(inner, FieldValue{in.field, value}, depth + 1, parts);
  });
}

Result<Filter> read_metadata(const FieldValue& in, std::size_t depth) {
  std::vector<Filter> parts;
  if (auto status = read_metadata_object({}, in, depth, parts); !status) return status.error();
  return joined(std::move(parts));
}

Result<Filter> read_decay(const FieldValue& in) {
  constexpr std::string_view kForm = "{\"gte\": a number of 0..1}";
  if (in.value.kind() != JsonKind::kObject) return in.must_be(kForm);
  return read_operators(in, "gte",
                        [&](std::string_view name, const FieldValue& operand) -> Result<Filter> {
                          if (name != "gte") return unknown_operator(in.field, name, "gte");
                          double score = 0;
                          if (auto status = read(operand, score); !status) return status.error();
                          return Filter(DecayAtLeast{score});
                        });
}

}  // namespace

Result<std::vector<Filter>> read_parts(const FieldValue& in, std::string_view array,
                                       const ReadPart& read_part) {
  if (in.value.kind() != JsonKind::kArray) return in.must_be(array);
  std::vector<Filter> parts;
  Status status;
  in.value.each_element([&](JsonValue element) {
    auto part = read_part(FieldValue{in.field, element});
    if (part) {
      parts.push_back(*std::move(part));
    } else {
      status = part.error();
    }
    return status.has_value();
  });
  if (!status) return status.error();
  return parts;
}

Filter joined(std::vector<Filter> parts) {
  return parts.size() == 1 ? std::move(parts.front()) : all_of(std::move(parts));
}

std::optional<Result<Filter>> read_condition(const FieldValue& in, std::size_t depth) {
  if (const auto field = model::parse_field(in.field)) return read_text_field(*field, in);
  if (const auto field = model::parse_number_field(in.field)) return read_number_field(*field, in);
  if (in.field == "decay_score") return read_decay(in);
  if (in.field == "metadata") return read_metadata(in, depth);
  if (in.field.starts_with(kMetadataDot)) {
    return read_json_path(JsonPart::kMetadata, kMetadataDot, in);
  }
  if (in.field.starts_with(kContentDot)) {
    return read_json_path(JsonPart::kContent, kContentDot, in);
  }
  return std::nullopt;
}

}  // namespace tulving::json
