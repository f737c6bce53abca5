#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/kinds/field.h"
#include "tulving/records.h"

namespace tulving::testing {

// Values at the bounds that a field's declaration states, and one step beyond each.

/// What a record breaks.
enum class Break : std::uint8_t {
  kNone,
  kTooLong,      ///< One character more than there may be.
  kMissing,      ///< It must be given.
  kNullJson,     ///< JSON must be given, and null is none.
  kRange,        ///< A number one step beyond its range.
  kNumber,       ///< NaN, or infinite.
  kUtf8,         ///< Bytes that are no UTF-8; a surrogate's among them.
  kNul,          ///< A NUL in a text.
  kJson,         ///< What jsonb does not read.
  kNotObject,    ///< JSON, and no object.
  kMember,       ///< A member that is a field of its own.
  kEnum,         ///< No enumerator.
  kUuidVersion,  ///< A UUID of another version than 4.
  kYear,         ///< Before the year 1, or after 9999.
  kCount,        ///< Too few entries, or too many.
  kOrder,        ///< An entry twice.
  kBytes,        ///< A text beyond what a store takes of each.
  kUnknown,      ///< It names a record that is not there.
  kTwice,        ///< What must be unique is another record's.
  kSelf,         ///< A relation of a memory to itself.
  kTogether,     ///< Fields that do not go together.
};
inline constexpr std::array<std::string_view, 21> kBreakNames = {
    "nothing", "too long", "missing",   "null",    "range",      "number",       "UTF-8",
    "NUL",     "JSON",     "no object", "member",  "enumerator", "UUID version", "year",
    "count",   "order",    "bytes",     "unknown", "twice",      "self",         "together"};
inline std::string_view name_of(Break what) {
  return kBreakNames.at(static_cast<std::size_t>(what));
}

inline constexpr std::string_view kCharacters[] = {"x", "ä", "記", "😀"};

/// `count` characters that begin with the digits of `number`, where it is not 0.
inline std::string characters(std::size_t count, std::string_view character, std::uint64_t number) {
  std::string text = number == 0 ? "" : std::to_string(number);
  text.resize(std::min(text.size(), count));
  for (std::size_t i = text.size(); i < count; ++i) text += character;
  return text;
}

inline std::string as_form(kinds::Form form, const std::string& value) {
  return form == kinds::Form::kObject ? "{\"a\": " + value + "}" : value;
}

/// What jsonb takes, as far as it goes.
inline const std::vector<std::string>& good_json() {
  static const std::vector<std::string> kValues = {"1e131071",
                                                   "-9e131071",
                                                   "1e-16383",
                                                   "-0",
                                                   "123456789012345678901234567890.5e3",
                                                   R"("\ud83d\ude00 \u0001 \/ \b")",
                                                   R"({"a": 1, "a": 2, "": null})",
                                                   std::string(200, '[') + std::string(200, ']'),
                                                   " [ ] "};
  return kValues;
}
/// One step beyond.
inline const std::vector<std::string>& bad_json() {
  static const std::vector<std::string> kValues = {"{",
                                                   "nul",
                                                   "[1,]",
                                                   "'a'",
                                                   "01",
                                                   "NaN",
                                                   "1 2",
                                                   "+1",
                                                   "\"\x01\"",
                                                   "1e131072",
                                                   "1e-16384",
                                                   R"("\ud800")",
                                                   R"("\ude00\ud83d")",
                                                   R"("\u0000")",
                                                   R"("\x41")",
                                                   R"({"a" 1})",
                                                   ".5"};
  return kValues;
}

inline Uuid of_version_1(std::uint64_t number) {
  Uuid id = Uuid::derive("version 1", std::to_string(number));
  id.bytes[6] = 0x10;
  return id;
}

/// Calls `visit(value)` with values at the ends of what the bounds allow. `number` is another each
/// time.
class AtTheBounds {
 public:
  template <class Visit>
  static void each(const kinds::Bounds& bounds, const std::string&, std::uint64_t number,
                   const Visit& visit) {
    if (bounds.form != kinds::Form::kText) {
      for (const auto& json : good_json()) visit(as_form(bounds.form, json));
      return;
    }
    if (bounds.length_most == kinds::Bounds::kRecord) {
      for (const char* text : {"\\N", "{}", "\x01\x7F", "\xEF\xBB\xBF", "\xEF\xBF\xBF", "'\"\\,"}) {
        visit(std::string(text));
      }
      return visit(std::string("\xF4\x8F\xBF\xBF"));
    }
    for (const auto character : {kCharacters[0], kCharacters[3]}) {
      visit(characters(bounds.length_most, character, number));
    }
    if (bounds.length_least > 0) visit(characters(std::to_string(number).size(), "", number));
  }
  template <class Visit>
  static void each(const kinds::Bounds& bounds, const std::vector<std::string>&,
                   std::uint64_t number, const Visit& visit) {
    each(bounds, std::string(), number,
         [&](std::string value) { visit(std::vector{std::move(value)}); });
  }
  template <class Visit>
  static void each(const kinds::Bounds&, const Uuid&, std::uint64_t, const Visit&) {}
  template <class Visit>
  static void each(const kinds::Bounds&, const std::vector<Uuid>&, std::uint64_t, const Visit&) {}
  template <class Visit>
  static void each(const kinds::Bounds&, bool, std::uint64_t, const Visit& visit) {
    visit(false);
    visit(true);
  }
  template <class Integer, class Visit>
  requires std::is_integral_v<Integer>
  static void each(const kinds::Bounds& bounds, Integer, std::uint64_t, const Visit& visit) {
    const bool is_open = bounds.most == kinds::Bounds::kEndless;
    visit(bounds.least == -kinds::Bounds::kEndless ? Integer{}
                                                   : static_cast<Integer>(bounds.least));
    visit(is_open ? static_cast<Integer>(std::numeric_limits<std::int32_t>::max())
                  : static_cast<Integer>(bounds.most));
  }
  template <class Visit>
  static void each(const kinds::Bounds& bounds, double, std::uint64_t, const Visit& visit) {
    constexpr double kMost = std::numeric_limits<double>::max();
    visit(std::max(bounds.least, -kMost));
    visit(std::min(bounds.most, kMost));
    visit(std::numeric_limits<double>::denorm_min());
    visit(-0.0);
  }
  template <class Visit>
  static void each(const kinds::Bounds&, const Timestamp&, std::uint64_t, const Visit& visit) {
    visit(Timestamp(std::chrono::microseconds(-62'135'596'800'000'000)));
    visit(Timestamp(std::chrono::microseconds(253'402'300'799'999'999)));
  }
  template <class Enum, class Visit>
  requires std::is_enum_v<Enum>
  static void each(const kinds::Bounds&, Enum, std::uint64_t, const Visit& visit) {
    for (std::size_t i = 0; i < kinds::kNames<Enum>.size(); ++i) visit(static_cast<Enum>(i));
  }
  template <class Enum, class Visit>
  requires std::is_enum_v<Enum>
  static void each(const kinds::Bounds& bounds, const std::vector<Enum>&, std::uint64_t number,
                   const Visit& visit) {
    each(bounds, Enum(), number, [&](Enum value) { visit(std::vector{value, value}); });
  }
  template <class Value, class Visit>
  static void each(const kinds::Bounds& bounds, const std::optional<Value>&, std::uint64_t number,
                   const Visit& visit) {
    visit(std::optional<Value>());
    each(bounds, Value(), number, [&](Value value) { visit(std::optional(std::move(value))); });
  }
};

/// Calls `visit(what, value)` with values one step beyond. `number` 0: those that are dear, too.
class OneStepBeyond {
 public:
  template <class Visit>
  static void each(const kinds::Bounds& bounds, const std::string&, std::uint64_t number,
                   const Visit& visit) {
    const bool is_json = bounds.form != kinds::Form::kText;
    const auto quoted = [&](const std::string& text) {
      return is_json ? as_form(bounds.form, '"' + text + '"') : text;
    };
    for (const char* bytes :
         {"\xFF", "\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80", "a\xE8\xA8"}) {
      visit(Break::kUtf8, quoted(bytes));
    }
    visit(Break::kNul, quoted(std::string("a\0b", 3)));
    if (bounds.length_least > 0 || !bounds.needed.empty()) visit(Break::kMissing, std::string());
    if (is_json) return each_json(bounds, visit);
    if (bounds.length_most == kinds::Bounds::kRecord) {
      if (number == 0) visit(Break::kBytes, std::string(1'000'001, 'x'));  // Dear: now and then.
      return;
    }
    for (const auto character : kCharacters) {
      visit(Break::kTooLong, characters(bounds.length_most + 1, character, number));
    }
  }
  template <class Visit>
  static void each(const kinds::Bounds& bounds, const std::vector<std::string>&,
                   std::uint64_t number, const Visit& visit) {
    each(bounds, std::string(), number,
         [&](Break what, std::string bad) { visit(what, std::vector{std::move(bad)}); });
    if (bounds.distinct) visit(Break::kOrder, std::vector<std::string>{"a", "b", "a"});
  }
  template <class Visit>
  static void each(const kinds::Bounds& bounds, const Uuid&, std::uint64_t number,
                   const Visit& visit) {
    visit(Break::kUuidVersion, of_version_1(number));
    if (!bounds.needed.empty()) visit(Break::kMissing, Uuid());
  }
  template <class Visit>
  static void each(const kinds::Bounds& bounds, const std::vector<Uuid>&, std::uint64_t number,
                   const Visit& visit) {
    visit(Break::kUuidVersion, std::vector{of_version_1(number)});
    if (bounds.count_least > 0) visit(Break::kCount, std::vector<Uuid>(bounds.count_least - 1));
    if (bounds.count_most > 0) visit(Break::kCount, std::vector<Uuid>(bounds.count_most + 1));
    const Uuid id = Uuid::derive("twice", "");
    if (bounds.ascending) visit(Break::kOrder, std::vector{id, id});
  }
  template <class Visit>
  static void each(const kinds::Bounds&, bool, std::uint64_t, const Visit&) {}
  template <class Integer, class Visit>
  requires std::is_integral_v<Integer>
  static void each(const kinds::Bounds& bounds, Integer, std::uint64_t, const Visit& visit) {
    if (std::isfinite(bounds.least)) visit(Break::kRange, static_cast<Integer>(bounds.least - 1));
    if (std::isfinite(bounds.most)) visit(Break::kRange, static_cast<Integer>(bounds.most + 1));
  }
  template <class Visit>
  static void each(const kinds::Bounds& bounds, double, std::uint64_t, const Visit& visit) {
    constexpr double kEndless = kinds::Bounds::kEndless;
    for (const double value : {std::numeric_limits<double>::quiet_NaN(), kEndless, -kEndless}) {
      visit(Break::kNumber, value);
    }
    if (!std::isfinite(bounds.least)) return;
    visit(Break::kRange, std::nextafter(bounds.least, -kEndless));
    visit(Break::kRange, bounds.least - 0.0001);
    // A step of NUMERIC(10, 4) is greater than one of a double.
    visit(Break::kRange, bounds.most + (bounds.most < 1e5 ? 1e-15 * bounds.most : 0.0001));
  }
  template <class Visit>
  static void each(const kinds::Bounds&, const Timestamp&, std::uint64_t, const Visit& visit) {
    visit(Break::kYear, Timestamp(std::chrono::microseconds(-62'135'596'800'000'001)));
    visit(Break::kYear, Timestamp(std::chrono::microseconds(253'402'300'800'000'000)));
  }
  template <class Enum, class Visit>
  requires std::is_enum_v<Enum>
  static void each(const kinds::Bounds&, Enum, std::uint64_t, const Visit& visit) {
    visit(Break::kEnum, static_cast<Enum>(kinds::kNames<Enum>.size()));
  }
  template <class Enum, class Visit>
  requires std::is_enum_v<Enum>
  static void each(const kinds::Bounds&, const std::vector<Enum>&, std::uint64_t,
                   const Visit& visit) {
    visit(Break::kEnum, std::vector{static_cast<Enum>(kinds::kNames<Enum>.size())});
  }
  template <class Value, class Visit>
  static void each(const kinds::Bounds& bounds, const std::optional<Value>&, std::uint64_t number,
                   const Visit& visit) {
    each(bounds, Value(), number,
         [&](Break what, Value bad) { visit(what, std::optional(std::move(bad))); });
  }

 private:
  template <class Visit>
  static void each_json(const kinds::Bounds& bounds, const Visit& visit) {
    for (const auto& json : bad_json()) visit(Break::kJson, as_form(bounds.form, json));
    if (!bounds.needed.empty()) visit(Break::kNullJson, std::string("null"));
    if (bounds.form != kinds::Form::kObject) return;
    for (const char* json : {"[]", "1", "null", "\"{}\""})
      visit(Break::kNotObject, std::string(json));
    if (!bounds.without.empty()) {
      visit(Break::kMember, "{\"" + std::string(bounds.without) + "\": 1}");
    }
  }
};

}  // namespace tulving::testing
