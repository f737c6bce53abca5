#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/json/text/json_reader.h"
#include "core/json/text/json_writer.h"
#include "core/kinds/kind.h"

namespace tulving::json {

/// How one member of a JSON object stands for one member of `Struct`, in both directions. Made of a
/// kind's declaration.
template <class Struct>
struct FieldRule {
  std::string_view name;
  kinds::Use use = kinds::Use::kPlain;
  Status (*read)(const FieldValue& in, Struct& out) = nullptr;
  /// Appends the value.
  void (*append)(std::string& out, const Struct& in) = nullptr;
  bool (*has_default)(const Struct& in) = nullptr;
  /// There is nothing to show: an empty optional, text or id.
  bool (*is_none)(const Struct& in) = nullptr;
  /// Gives it its default again.
  void (*reset)(Struct& out) = nullptr;
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

/// Fields of a record that have a "none" take null for it: what other systems export for absent
/// values.
template <class T>
inline constexpr bool kCanBeNone =
    kIsOptional<T> || kIsVector<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Uuid>;

template <class T>
bool is_none(const T& value) {
  if constexpr (kIsOptional<T>) return !value.has_value();
  if constexpr (std::is_same_v<T, std::string>) return value.empty();
  if constexpr (std::is_same_v<T, Uuid>) return value.is_nil();
  return false;
}

/// Line breaks between JSON's tokens become blanks, since a record is one line; inside strings JSON
/// has none.
void append_on_one_line(std::string& out, std::string_view json);

/// A record's own id, which is no name.
Status read_own_id(const FieldValue& in, Uuid& out);

/// Reads a value of the field as its declaration says.
template <class Value>
Status read_field(const FieldValue& in, const kinds::Bounds& bounds, kinds::Use use, Value& out) {
  if constexpr (std::is_same_v<Value, std::string>) {
    if (bounds.form == kinds::Form::kJson) return read_json_text(in, out, false);  // null, too.
  }
  if (kCanBeNone<Value> && in.is_null()) return {};
  if constexpr (std::is_same_v<Value, std::string>) {
    if (bounds.form == kinds::Form::kObject) return read_json_text(in, out, true);
  }
  if constexpr (std::is_same_v<Value, Uuid>) {
    if (use == kinds::Use::kOwnId) return read_own_id(in, out);
  }
  return read(in, out);
}

/// The field at `kPlace` in the kind's declaration, as a rule.
template <class Record, std::size_t kPlace>
constexpr FieldRule<Record> rule_at() {
  constexpr auto& field = kinds::kFieldAt<Record, kPlace>;
  return {field.name,
          field.use,
          [](const FieldValue& in, Record& out) {
            constexpr auto& read_as = kinds::kFieldAt<Record, kPlace>;
            return read_field(in, read_as.bounds, read_as.use, read_as.of(out));
          },
          [](std::string& out, const Record& in) {
            constexpr auto& shown = kinds::kFieldAt<Record, kPlace>;
            if constexpr (shown.bounds.form != kinds::Form::kText) {
              append_on_one_line(out, shown.of(in));
            } else {
              append_value(out, shown.of(in));
            }
          },
          [](const Record& in) {
            static const Record kDefaults;
            constexpr auto& compared = kinds::kFieldAt<Record, kPlace>;
            return compared.of(in) == compared.of(kDefaults);
          },
          [](const Record& in) {
            constexpr auto& asked = kinds::kFieldAt<Record, kPlace>;
            // What a record must have is shown, be it empty.
            constexpr bool is_needed = asked.bounds.length_least > 0 ||
                                       kinds::is_key<std::remove_cvref_t<decltype(asked)>>();
            return !is_needed && is_none(asked.of(in));
          },
          [](Record& out) {
            static const Record kDefaults;
            constexpr auto& emptied = kinds::kFieldAt<Record, kPlace>;
            emptied.of(out) = emptied.of(kDefaults);
          }};
}

template <class Record>
inline constexpr auto kRules = []<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
  return std::array{rule_at<Record, kPlaces>()...};
}
(kinds::internal::Places<Record>());

/// The rule of the member `name` of the object "within" (empty: of the record), or rules.size().
template <class Rules>
std::size_t find_rule(const Rules& rules, std::string_view within, std::string_view name) {
  const auto is_it = [&](std::string_view full) {
    if (within.empty()) return !full.empty() && full == name;
    return full.size() == within.size() + 1 + name.size() && full.starts_with(within) &&
           full[within.size()] == '.' && full.ends_with(name);
  };
  std::size_t i = 0;
  while (i < rules.size() && !is_it(rules[i].name)) ++i;
  return i;
}

/// Whether some members lie in an object of this name.
template <class Rules>
bool has_inner(const Rules& rules, std::string_view name) {
  for (const auto& rule : rules) {
    if (rule.name.size() > name.size() && rule.name.starts_with(name) &&
        rule.name[name.size()] == '.') {
      return true;
    }
  }
  return false;
}

// Reads every member: first offered to `special`, then looked up in the table; none twice, none
// left. All faults are told together.
template <class Struct, std::size_t kCount, class Special>
Status read_members(const JsonValue& object, const std::array<FieldRule<Struct>, kCount>& rules,
                    const RecordDefaults& defaults, Struct& out, const Special& special) {
  std::bitset<kCount> given;
  Faults faults;
  const auto read_known = [&](std::string_view within, std::string_view key,
                              JsonValue value) -> Status {
    const std::size_t i = find_rule(rules, within, key);
    if (i == kCount) {
      return unknown_field(within.empty() ? std::string(key)
                                          : std::string(within).append(".").append(key));
    }
    const FieldValue in{rules[i].name, value, defaults.tenant_id, defaults.zone};
    if (rules[i].use == kinds::Use::kApart) return unknown_field(in.field);
    if (given[i]) return given_twice(in.field);
    given.set(i);
    return rules[i].read(in, out);
  };
  const auto read_one = [&](std::string_view key, JsonValue value) -> Status {
    const FieldValue in{key, value, defaults.tenant_id, defaults.zone};
    bool taken = false;
    auto status = special(in, taken);
    if (!status || taken) return status;
    if (!has_inner(rules, key)) return read_known({}, key, value);
    if (in.is_null()) return {};
    if (value.kind() != JsonKind::kObject) return in.must_be("an object");
    value.each_member([&](std::string_view inner, JsonValue inner_value) {
      status = read_known(key, inner, inner_value);
      return status.has_value();
    });
    return status;
  };
  object.each_member([&](std::string_view key, JsonValue value) {
    const auto status = read_one(key, value);
    if (!status) faults.add(status.error());
    return !faults.full();
  });
  return faults.status();
}

/// Which fields are written.
enum class Shown : std::uint8_t {
  kChanged,  ///< Those that have not their default and are the caller's: a line of a file.
  kAll,      ///< All that have something to show: a report.
};

/// Writes the record's fields, those with a dot in their names into objects of their own.
template <class Record>
void write_fields(ObjectWriter& out, const Record& record, Shown shown) {
  std::string_view open;  // The object that is being written.
  std::string* text = nullptr;
  bool is_first = true;
  const auto close = [&] {
    if (!open.empty()) *text += '}';
    open = {};
  };
  for (const auto& rule : kRules<Record>) {
    if (rule.use == kinds::Use::kApart) continue;
    if (shown == Shown::kChanged ? rule.use == kinds::Use::kStored || rule.has_default(record)
                                 : rule.is_none(record)) {
      continue;
    }
    const std::size_t dot = std::min(rule.name.find('.'), rule.name.size());
    const std::string_view within = rule.name.substr(0, dot == rule.name.size() ? 0 : dot);
    if (within != open) close();
    if (within.empty()) {
      rule.append(out.key(rule.name), record);
      continue;
    }
    if (open.empty()) {
      open = within;
      text = &out.key(within);
      *text += '{';
      is_first = true;
    }
    if (!std::exchange(is_first, false)) *text += ',';
    append_value(*text, kinds::last_part(rule.name));
    *text += ':';
    rule.append(*text, record);
  }
  close();
}

}  // namespace tulving::json
