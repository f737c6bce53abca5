#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tulving::kinds {

// What is said of one field of a record, once. Facts alone: the rules (core/model/rules), JSON
// (core/json/record), rows (storage/codec) and the tests' random records each read them their way.

/// A field's number in records.fbs; `former`: the one of a narrower type that older rows have it
/// under.
struct Slot {
  static constexpr std::uint16_t kNone = 0xFFFF;

  consteval Slot(int number) : now(static_cast<std::uint16_t>(number)) {}  // NOLINT: implicit.
  consteval Slot(int number, int before)
      : now(static_cast<std::uint16_t>(number)), former(static_cast<std::uint16_t>(before)) {}

  std::uint16_t now = kNone, former = kNone;
};

enum class Form : std::uint8_t { kText, kJson, kObject };  ///< What a string holds.

/// What a value may be. Each part bounds values of one type, and is left alone for the others. An
/// enumerator, a time, an id and a text's UTF-8 have bounds by their type, and none here.
struct Bounds {
  static constexpr double kEndless = std::numeric_limits<double>::infinity();
  static constexpr std::size_t kRecord = 0;  ///< A length that the record's own limit bounds.

  double least = -kEndless, most = kEndless;  ///< A number; never NaN, nor infinite.
  std::size_t length_least = 0;               ///< Characters of a text, or each text of a list.
  std::size_t length_most = kRecord;          ///< Likewise: as VARCHAR(n) counts.
  Form form = Form::kText;                    ///< A text.
  std::string_view without = {};              ///< A member that its JSON object must not have.
  std::size_t count_least = 0;                ///< Entries of a list.
  std::size_t count_most = 0;                 ///< 0: any number.
  bool distinct = false;                      ///< No entry twice.
  bool ascending = false;                     ///< Entries in order, which makes them distinct.
  std::string_view needed = {};               ///< An id or JSON that must be given, and why.
};

[[nodiscard]] constexpr Bounds text(std::size_t length_most = Bounds::kRecord) {
  return {.length_most = length_most};
}
/// A text that is not empty.
[[nodiscard]] constexpr Bounds name(std::size_t length_most) {
  return {.length_least = 1, .length_most = length_most};
}
/// A list of names, none twice.
[[nodiscard]] constexpr Bounds names(std::size_t length_most) {
  return {.length_least = 1, .length_most = length_most, .distinct = true};
}
[[nodiscard]] constexpr Bounds json(std::string_view needed = {}) {
  return {.form = Form::kJson, .needed = needed};
}
[[nodiscard]] constexpr Bounds object(std::string_view without = {}) {
  return {.form = Form::kObject, .without = without};
}
[[nodiscard]] constexpr Bounds between(double least, double most) {
  return {.least = least, .most = most};
}
[[nodiscard]] constexpr Bounds not_negative() { return {.least = 0}; }
[[nodiscard]] constexpr Bounds ascending(std::size_t count_least, std::size_t count_most) {
  return {.count_least = count_least, .count_most = count_most, .ascending = true};
}
[[nodiscard]] constexpr Bounds needed(std::string_view why) { return {.needed = why}; }

/// How a field takes part in JSON and in writes.
enum class Use : std::uint8_t {
  kPlain,
  kOwnId,    ///< The record's own id: in JSON a UUID, no name.
  kStored,   ///< Set by the store: read from JSON, to be carried, and not written.
  kApart,    ///< JSON spreads it over other members: its reader and writer do it by hand.
  kCreated,  ///< Empty on put: what the record has that is there, else now.
  kChanged,  ///< Likewise, else the time of creation.
};

namespace internal {
template <class Member>
struct MemberOf;
template <class Struct_, class Value_>
struct MemberOf<Value_ Struct_::*> {
  using Struct = Struct_;
  using Value = Value_;
};
template <auto kMember>
using RecordOf = typename MemberOf<decltype(kMember)>::Struct;
}  // namespace internal

/// A field: a member of the record, or a member of that. `kPatch` is the member of the record's
/// patch that replaces it, if there is one.
template <Slot kSlot, auto kPatch, auto kMember, auto... kInner>
struct Field {
  using Record = internal::RecordOf<kMember>;

  template <class R>
  [[nodiscard]] static constexpr auto& of(R& record) {
    return ((record.*kMember).*....*kInner);
  }
  using Value = std::remove_cvref_t<decltype(of(std::declval<Record&>()))>;

  static constexpr Slot slot = kSlot;
  static constexpr auto patch = kPatch;
  static constexpr auto member = kMember;
  static constexpr bool is_patched = !std::is_null_pointer_v<decltype(kPatch)>;

  /// This field, which `kNewPatch` replaces.
  template <auto kNewPatch>
  [[nodiscard]] constexpr Field<kSlot, kNewPatch, kMember, kInner...> patched_by() const {
    return {name, help, bounds, use};
  }
  [[nodiscard]] constexpr Field used(Use as) const { return {name, help, bounds, as}; }

  std::string_view name;  ///< In JSON, messages and records.fbs; "scope.until" lies in an object.
  std::string_view help;  ///< A sentence for schemas, without its full stop.
  Bounds bounds = {};
  Use use = Use::kPlain;
};

template <Slot kSlot, auto... kPath>
[[nodiscard]] constexpr Field<kSlot, nullptr, kPath...> field(std::string_view name,
                                                              std::string_view help,
                                                              const Bounds& bounds = {}) {
  return {name, help, bounds};
}
template <Slot kSlot, auto... kPath>
[[nodiscard]] constexpr Field<kSlot, nullptr, kPath...> own_id(std::string_view name,
                                                               std::string_view help) {
  return {name, help, {}, Use::kOwnId};
}
template <Slot kSlot, auto... kPath>
[[nodiscard]] constexpr Field<kSlot, nullptr, kPath...> stored(std::string_view name,
                                                               std::string_view help,
                                                               const Bounds& bounds = {}) {
  return {name, help, bounds, Use::kStored};
}

}  // namespace tulving::kinds
