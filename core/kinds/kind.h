#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/kinds/field.h"
#include "core/kinds/record_kind.h"
#include "tulving/uuid.h"

namespace tulving::kinds {

/// The declaration of a kind of record, in a header of its own (session.h is the one to follow):
///   name        in JSON, counts and export        noun       in messages
///   plural      in statistics                     number     the row's kind in the log
///   key         ByName, ByCallersId ...           fields     std::tuple of Field, as JSON has them
///   references  std::tuple of Reference           unique     std::tuple of Unique
template <class Record>
struct Kind;

/// Found by a text of its own; the row's id is derived from "PREFIX/text". (A memory's name may
/// derive the same: nothing may hang on an id without its kind.)
template <auto kMember>
struct ByName {
  using Type = std::string;
  static constexpr auto member = kMember;
  std::string_view prefix;
};
/// Found by an id that is a text of the caller's own, or a UUID's; empty on put: that of the record
/// that has the same unique values, else a random UUID's. The row's id is the UUID that it stands
/// for, as databases have it.
template <auto kMember>
struct ByCallersId {
  using Type = std::string;
  static constexpr auto member = kMember;
};
/// Found by its id; nil on put: random.
template <auto kMember>
struct ById {
  using Type = Uuid;
  static constexpr auto member = kMember;
};
/// Found by its id, which follows from other fields: "PREFIX/part/part". So there is one a set of
/// parts. All but the last are ids, which have one length: no other parts spell the same.
template <auto kMember, auto... kParts>
struct ByParts {
  using Type = Uuid;
  static constexpr auto member = kMember;
  std::string_view prefix;
};

/// What becomes of a record when one that it names is erased.
enum class WhenGone : std::uint8_t {
  kErase,  ///< It goes, too.
  kClear,  ///< The field becomes empty.
  kKeep,   ///< Nothing: the name stays, or an act of the kind's own says what.
};
/// Whether the one that is named must be there when the record is put.
enum class MustExist : std::uint8_t { kYes, kNo };

/// Which of the records that name the one that is erased WhenGone is of. Of memories alone some.
enum class Among : std::uint8_t {
  kAll,
  kRaw,      ///< Memories of abstraction level 0.
  kDerived,  ///< Of level 1 and above.
};

/// The field at `kMember`, a key or a list of keys, names records of kind `Target_`.
template <auto kMember, class Target_>
struct Reference {
  using Target = Target_;
  static constexpr auto member = kMember;
  MustExist must_exist;
  WhenGone when_gone;
  Among among;
};
template <auto kMember, class Target>
[[nodiscard]] constexpr Reference<kMember, Target> reference(MustExist must_exist,
                                                             WhenGone when_gone,
                                                             Among among = Among::kAll) {
  return {must_exist, when_gone, among};
}

/// No two records of a tenant have equal values in all of these fields. One that is empty equals
/// none, as a NULL does in Postgres.
template <auto... kMembers>
struct Unique {};

namespace internal {
template <class Record>
inline constexpr std::size_t kFieldCount =
    std::tuple_size_v<std::remove_cvref_t<decltype(Kind<Record>::fields)>>;
template <class Record>
using Places = std::make_index_sequence<kFieldCount<Record>>;
}  // namespace internal

/// The field at a place of the declaration.
template <class Record, std::size_t kPlace>
inline constexpr const auto& kFieldAt = std::get<kPlace>(Kind<Record>::fields);

/// Calls `visit` with each field of the kind. (By places: an error in `visit` then names one field,
/// not the types of all.)
template <class Record, class Visit>
constexpr void each_field(const Visit& visit) {
  [&]<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
    (visit(kFieldAt<Record, kPlaces>), ...);
  }
  (internal::Places<Record>());
}
/// Likewise, until one call returns false. Whether all returned true.
template <class Record, class Visit>
constexpr bool all_fields(const Visit& visit) {
  return [&]<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
    return (visit(kFieldAt<Record, kPlaces>) && ...);
  }
  (internal::Places<Record>());
}

/// The name of the field that is the member.
template <auto kMember>
[[nodiscard]] constexpr std::string_view name_at() {
  std::string_view found;
  each_field<internal::RecordOf<kMember>>([&](const auto& field) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(field.member)>, decltype(kMember)>) {
      if (field.member == kMember) found = field.name;
    }
  });
  return found;
}

/// What the declaration says of the field that is the member.
template <auto kMember>
[[nodiscard]] constexpr Bounds bounds_at() {
  Bounds found;
  each_field<internal::RecordOf<kMember>>([&](const auto& field) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(field.member)>, decltype(kMember)>) {
      if (field.member == kMember) found = field.bounds;
    }
  });
  return found;
}

/// Whether the record is found by this field.
template <class Field>
[[nodiscard]] consteval bool is_key() {
  constexpr auto key = Kind<typename Field::Record>::key.member;
  if constexpr (std::is_same_v<std::remove_cvref_t<decltype(Field::member)>,
                               std::remove_cvref_t<decltype(key)>>) {
    return Field::member == key;
  } else {
    return false;
  }
}

/// The last part of a field's name: its name in records.fbs.
[[nodiscard]] constexpr std::string_view last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

namespace internal {

template <class Record>
consteval bool names_differ() {
  std::string_view names[kFieldCount<Record>];
  std::size_t count = 0;
  bool differ = true;
  each_field<Record>([&](const auto& field) {
    for (std::size_t i = 0; i < count; ++i) differ = differ && names[i] != field.name;
    names[count++] = field.name;
  });
  return differ;
}

/// How many slots the fields take, former ones included.
template <class Record>
consteval std::size_t slot_count() {
  std::size_t count = 0;
  each_field<Record>([&](const auto& field) { count += field.slot.former == Slot::kNone ? 1 : 2; });
  return count;
}

template <class Record>
consteval bool slots_are_whole() {
  bool taken[2 * kFieldCount<Record>] = {};
  bool whole = true;
  const auto take = [&](std::uint16_t slot) {
    whole = whole && slot < slot_count<Record>() && !std::exchange(taken[slot], true);
  };
  each_field<Record>([&](const auto& field) {
    take(field.slot.now);
    if (field.slot.former != Slot::kNone) take(field.slot.former);
  });
  return whole;
}

}  // namespace internal

/// What a declaration must be; a mistake in one is an error here, in words.
template <class Record>
struct Sound {
  static_assert(!Kind<Record>::name.empty() && !Kind<Record>::noun.empty(),
                "a kind needs a name for JSON and a noun for messages");
  static_assert(internal::names_differ<Record>(), "two fields of this kind have one name");
  static_assert(internal::slots_are_whole<Record>(),
                "the slots of this kind have a gap, or two fields have the same one; records.fbs "
                "numbers them 0, 1, 2 ...");
  static constexpr bool value = true;
};

template <class Record>
using Key = typename std::remove_cvref_t<decltype(Kind<Record>::key)>::Type;

/// A key as a parameter.
template <class Record>
using KeyView =
    std::conditional_t<std::is_same_v<Key<Record>, Uuid>, const Uuid&, std::string_view>;

/// What the record is found by.
template <class Record>
[[nodiscard]] const Key<Record>& key_of(const Record& record) {
  return record.*(Kind<Record>::key.member);
}

namespace internal {
template <auto kMember>
constexpr bool has_own_id(const ByCallersId<kMember>&) {
  return true;
}
template <auto kMember>
constexpr bool has_own_id(const ById<kMember>&) {
  return true;
}
template <class Other>
constexpr bool has_own_id(const Other&) {
  return false;
}
}  // namespace internal

/// Whether records of the kind have an id that follows from nothing: given, or made up.
template <class Record>
inline constexpr bool kHasOwnId = internal::has_own_id(Kind<Record>::key);

/// The id of the record's row in the log.
template <class Record>
[[nodiscard]] Uuid row_id(std::string_view tenant_id, KeyView<Record> key) {
  if constexpr (std::is_same_v<Key<Record>, Uuid>) {
    return key;
  } else if constexpr (!requires { Kind<Record>::key.prefix; }) {
    return Uuid::standing_for(tenant_id, key);
  } else {
    return Uuid::derive(tenant_id, std::string(Kind<Record>::key.prefix).append("/").append(key));
  }
}

namespace internal {

inline void append_part(std::string& name, const Uuid& part) { name += part.to_string(); }
inline void append_part(std::string& name, std::string_view part) { name += part; }

template <class Record, class Key>
bool same_parts(const Record&, const Record&, const Key&) {
  return true;
}
template <class Record, auto kMember, auto... kParts>
bool same_parts(const Record& a, const Record& b, const ByParts<kMember, kParts...>&) {
  return ((a.*kParts == b.*kParts) && ...);
}

template <class Record, auto kMember>
void give_id(std::string_view, Record& record, const ById<kMember>&) {
  if ((record.*kMember).is_nil()) record.*kMember = Uuid::random();
}
template <class Record, auto kMember>
void give_id(std::string_view, Record&, const ByName<kMember>&) {}
template <class Record, auto kMember>
void give_id(std::string_view, Record& record, const ByCallersId<kMember>&) {
  if ((record.*kMember).empty()) record.*kMember = Uuid::random().to_string();
}
template <class Record, auto kMember, auto... kParts>
void give_id(std::string_view tenant_id, Record& record, const ByParts<kMember, kParts...>& key) {
  std::string name(key.prefix);
  (append_part(name += '/', record.*kParts), ...);
  record.*kMember = Uuid::derive(tenant_id, name);
}

}  // namespace internal

/// Whether what their ids follow from is the same, too: two that have one id may differ by it,
/// where somebody took the trouble to make two texts of one MD5.
template <class Record>
[[nodiscard]] bool same_parts(const Record& a, const Record& b) {
  return internal::same_parts(a, b, Kind<Record>::key);
}

/// Gives the record the id that its key's form says.
template <class Record>
void give_id(std::string_view tenant_id, Record& record) {
  internal::give_id(tenant_id, record, Kind<Record>::key);
}

}  // namespace tulving::kinds
