#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/json/json_text.h"
#include "core/kinds/enumerators.h"
#include "tulving/json.h"

namespace tulving::json {

/// One member's value, and what is needed to read it: its field's name for messages, the tenant in
/// which names of memories stand for ids, and the zone of times that name none.
struct FieldValue {
  std::string_view field;
  JsonValue value;
  std::string_view tenant_id = {};
  std::optional<TimeZone> zone = {};

  [[nodiscard]] bool is_null() const { return value.kind() == JsonKind::kNull; }
  /// "priority is "high"; must be an integer".
  [[nodiscard]] Error must_be(std::string_view expected) const;
};

[[nodiscard]] Error refusal(std::string message, std::string_view field);

[[nodiscard]] Error unknown_field(std::string_view name);
[[nodiscard]] Error given_twice(std::string_view name);

/// Calls `read_member` with each member of `object`, in order, until one is refused or a name comes
/// again, which is refused with its name. `within` is the field that the object is the value of;
/// empty: the object is no field's.
Status read_each_once(
    std::string_view within, const JsonValue& object,
    const std::function<Status(std::string_view key, JsonValue value)>& read_member);

/// The faults of one object, told as one error: whoever wrote it mends it once.
class Faults {
 public:
  void add(const Error& fault);
  /// More would tell nobody anything.
  [[nodiscard]] bool full() const { return count_ >= kCountMax; }
  /// Success when there are none. The error has the first one's field.
  [[nodiscard]] Status status() const;

 private:
  static constexpr std::size_t kCountMax = 5;
  std::size_t count_ = 0;
  Error all_;
};

/// Whole and well-formed, and an object; `what` names it in messages ("the record").
Result<JsonValue> parse_object(std::string_view what, std::string_view text);

// Each reads a value of its type and refuses any other, with the field, the value and what was
// expected.
Status read(const FieldValue& in, std::string& out);
Status read(const FieldValue& in, bool& out);
Status read(const FieldValue& in, std::int32_t& out);
Status read(const FieldValue& in, std::uint32_t& out);
Status read(const FieldValue& in, std::uint64_t& out);
Status read(const FieldValue& in, float& out);
Status read(const FieldValue& in, double& out);
/// As it is written, at any length.
Status read(const FieldValue& in, Number& out);
Status read(const FieldValue& in, Timestamp& out);
/// A UUID, or a memory's own name, whose id is derived from the tenant and the name.
Status read(const FieldValue& in, Uuid& out);
/// {"model": ..., "vector": [...], "passages": 1}, where vector may be an array for each passage.
Status read(const FieldValue& in, Embedding& out);

/// One of `names`, and which.
Status read_name(const FieldValue& in, std::span<const std::string_view> names, std::size_t& place);
/// A record's enumerator, by its name.
template <class Enum>
requires std::is_enum_v<Enum> Status read(const FieldValue& in, Enum& out) {
  std::size_t place = 0;
  auto status = read_name(in, kinds::kNames<Enum>, place);
  if (status) out = static_cast<Enum>(place);
  return status;
}

template <class T>
Status read(const FieldValue& in, std::vector<T>& out) {
  if (in.value.kind() != JsonKind::kArray) return in.must_be("an array");
  Status status;
  in.value.each_element([&](JsonValue element) {
    status = read(FieldValue{in.field, element, in.tenant_id, in.zone}, out.emplace_back());
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
