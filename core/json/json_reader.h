#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_text.h"
#include "tulving/json.h"

namespace tulving::json {

/// One member's value, and what is needed to read it: its field's name for messages, and the tenant
/// in which names of memories stand for ids.
struct FieldValue {
  std::string_view field;
  JsonValue value;
  std::string_view tenant_id = {};

  [[nodiscard]] bool is_null() const { return value.kind() == JsonKind::kNull; }
  /// "priority is "high"; must be an integer".
  [[nodiscard]] Error must_be(std::string_view expected) const;
};

[[nodiscard]] Error refusal(std::string message, std::string_view field);

[[nodiscard]] Error unknown_field(std::string_view name);
[[nodiscard]] Error given_twice(std::string_view name);

/// Whole and well-formed, and an object; `what` names it in messages ("the record").
Result<JsonValue> parse_object(std::string_view what, std::string_view text);

// Each reads a value of its type and refuses any other, with the field, the value and what was
// expected.
Status read(const FieldValue& in, std::string& out);
Status read(const FieldValue& in, bool& out);
Status read(const FieldValue& in, std::int32_t& out);
Status read(const FieldValue& in, std::uint64_t& out);
Status read(const FieldValue& in, float& out);
Status read(const FieldValue& in, double& out);
Status read(const FieldValue& in, Timestamp& out);
/// A UUID, or a memory's own name, whose id is derived from the tenant and the name.
Status read(const FieldValue& in, Uuid& out);
Status read(const FieldValue& in, Layer& out);
Status read(const FieldValue& in, SourceType& out);
Status read(const FieldValue& in, MemoryStatus& out);
Status read(const FieldValue& in, PatternType& out);
Status read(const FieldValue& in, ConsolidationMethod& out);
/// {"model": ..., "vector": [...]}.
Status read(const FieldValue& in, Embedding& out);

template <class T>
Status read(const FieldValue& in, std::vector<T>& out) {
  if (in.value.kind() != JsonKind::kArray) return in.must_be("an array");
  Status status;
  in.value.each_element([&](JsonValue element) {
    status = read(FieldValue{in.field, element, in.tenant_id}, out.emplace_back());
    return status.has_value();
  });
  return status;
}

/// null is an empty optional.
template <class T>
Status read(const FieldValue& in, std::optional<T>& out) {
  out.reset();
  if (in.is_null()) return {};
  return read(in, out.emplace());
}

/// The value's own text, which must be an object where `object` says so.
Status read_json_text(const FieldValue& in, std::string& out, bool object);

/// Splits a content object into its member "text" (left empty when there is none) and the others.
Status read_content(const FieldValue& in, std::optional<std::string>& text, std::string& others);

}  // namespace tulving::json
