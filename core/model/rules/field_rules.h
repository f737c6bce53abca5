#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/kinds/kind.h"
#include "core/model/rules/checker.h"

namespace tulving::model {

// The rules of a field by itself: what its declaration in core/kinds says of a value of its type.

/// What is said of one field's value.
struct Said {
  std::string_view name;
  const kinds::Bounds& bounds;
};

inline bool check_value(Checker& check, const Said& field, const std::string& value) {
  const auto& [name, bounds] = field;
  if (bounds.form == kinds::Form::kObject) return check.json_object(name, value, bounds.without);
  if (bounds.form == kinds::Form::kJson) {
    if (!bounds.needed.empty() && (value.empty() || value == "null")) {
      return check.fail(name, std::string(name).append(" is missing; ").append(bounds.needed));
    }
    return check.json(name, value);
  }
  if (bounds.length_least > 0) return check.name(name, value, bounds.length_most);
  return bounds.length_most == kinds::Bounds::kRecord ? check.text(name, value)
                                                      : check.text(name, value, bounds.length_most);
}

inline bool check_value(Checker& check, const Said& field, const std::vector<std::string>& values) {
  const auto& [name, bounds] = field;
  return bounds.distinct ? check.unique_names(name, values, bounds.length_most)
                         : check.texts(name, values);
}

inline bool check_value(Checker& check, const Said& field, const Uuid& value) {
  if (!field.bounds.needed.empty() && value.is_nil()) {
    return check.fail(field.name,
                      std::string(field.name).append(" is missing; ").append(field.bounds.needed));
  }
  return check.id(field.name, value);
}

inline bool check_value(Checker& check, const Said& field, const std::vector<Uuid>& values) {
  const auto& [name, bounds] = field;
  if (bounds.count_most > 0 &&
      !check.count(name, values.size(), bounds.count_least, bounds.count_most)) {
    return false;
  }
  return bounds.ascending ? check.ascending_ids(name, values) : check.ids(name, values);
}

inline bool check_value(Checker& check, const Said& field, const Timestamp& value) {
  return check.time(field.name, value);
}

inline bool check_value(Checker&, const Said&, bool) { return true; }

template <class Integer>
requires std::is_integral_v<Integer>
bool check_value(Checker& check, const Said& field, Integer value) {
  const auto& [name, bounds] = field;
  if (bounds.least == -kinds::Bounds::kEndless) return true;
  if (bounds.most == kinds::Bounds::kEndless)
    return check.not_negative(name, static_cast<std::int64_t>(value));
  return check.in_range(name, static_cast<std::int64_t>(value),
                        static_cast<std::int64_t>(bounds.least),
                        static_cast<std::int64_t>(bounds.most));
}

template <class Real>
requires std::is_floating_point_v<Real>
bool check_value(Checker& check, const Said& field, Real value) {
  const auto& [name, bounds] = field;
  if (bounds.least == -kinds::Bounds::kEndless) return check.finite(name, double{value});
  return check.in_range(name, double{value}, bounds.least, bounds.most);
}

template <class Enum>
requires std::is_enum_v<Enum>
bool check_value(Checker& check, const Said& field, Enum value) {
  return check.enumerator(field.name, value, kinds::kNames<Enum>.size());
}

template <class Enum>
bool check_value(Checker& check, const Said& field, const std::vector<Enum>& values) {
  for (const Enum value : values) {
    if (!check_value(check, field, value)) return false;
  }
  return true;
}

template <class Value>
bool check_value(Checker& check, const Said& field, const std::optional<Value>& value) {
  return !value || check_value(check, field, *value);
}

/// The rules of all the record's fields, in their order.
template <class Record>
bool check_fields(Checker& check, const Record& record) {
  return kinds::all_fields<Record>([&](const auto& field) {
    // Set by the store, whatever a caller gives.
    if (field.use == kinds::Use::kStored) return true;
    return check_value(check, {field.name, field.bounds}, field.of(record));
  });
}

}  // namespace tulving::model
