#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/json/text/json_reader.h"
#include "core/json/text/json_writer.h"

namespace tulving::json {

/// How one member of a JSON object stands for one member of `Struct`, in both directions.
template <class Struct>
struct FieldRule {
  std::string_view name;
  Status (*read)(const FieldValue& in, Struct& out);
  /// Appends the member, or nothing when the field has its default. Null where only reading is
  /// needed.
  void (*write)(ObjectWriter& out, std::string_view name, const Struct& in);
};

template <class Member>
struct MemberTraits;
template <class Struct_, class Value_>
struct MemberTraits<Value_ Struct_::*> {
  using Struct = Struct_;
  using Value = Value_;
};
template <auto kMember>
using StructOf = typename MemberTraits<decltype(kMember)>::Struct;
template <auto kMember>
using ValueOf = typename MemberTraits<decltype(kMember)>::Value;

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

template <auto kMember>
bool has_default(const StructOf<kMember>& record) {
  static const StructOf<kMember> kDefaults;
  return record.*kMember == kDefaults.*kMember;
}

/// A field read and written by its type.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> field(std::string_view name) {
  using Struct = StructOf<kMember>;
  return {name,
          [](const FieldValue& in, Struct& out) -> Status {
            if (kCanBeNone<ValueOf<kMember>> && in.is_null()) return {};
            return read(in, out.*kMember);
          },
          [](ObjectWriter& out, std::string_view member, const Struct& in) {
            if (!has_default<kMember>(in)) out.member(member, in.*kMember);
          }};
}

/// A field that only the store sets: read, to be carried, but not written.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> read_only(std::string_view name) {
  auto rule = field<kMember>(name);
  rule.write = nullptr;
  return rule;
}

/// Line breaks between JSON's tokens become blanks, since a record is one line; inside strings JSON
/// has none.
void append_on_one_line(std::string& out, std::string_view json);

template <auto kMember>
void write_json_text(ObjectWriter& out, std::string_view name, const StructOf<kMember>& in) {
  if (!(in.*kMember).empty()) append_on_one_line(out.key(name), in.*kMember);
}

/// A field that holds JSON of any kind, null included.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> json_field(std::string_view name) {
  return {name,
          [](const FieldValue& in, StructOf<kMember>& out) {
            return read_json_text(in, out.*kMember, false);
          },
          &write_json_text<kMember>};
}

/// A field that holds a JSON object.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> object_field(std::string_view name) {
  return {name,
          [](const FieldValue& in, StructOf<kMember>& out) -> Status {
            if (in.is_null()) return {};
            return read_json_text(in, out.*kMember, true);
          },
          &write_json_text<kMember>};
}

/// A field of a patch, an optional: what is given is set, and null is no value.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> patch_field(std::string_view name) {
  return {name,
          [](const FieldValue& in, StructOf<kMember>& out) {
            return read(in, (out.*kMember).emplace());
          },
          nullptr};
}

/// Likewise, for a JSON object.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> patch_object(std::string_view name) {
  return {name,
          [](const FieldValue& in, StructOf<kMember>& out) {
            return read_json_text(in, (out.*kMember).emplace(), true);
          },
          nullptr};
}

/// The rule's place in `rules`, or rules.size().
template <class Struct, std::size_t kCount>
std::size_t find_rule(const FieldRule<Struct> (&rules)[kCount], std::string_view name) {
  std::size_t i = 0;
  while (i < kCount && rules[i].name != name) ++i;
  return i;
}

// Reads every member: first offered to `special`, then looked up in the table; none twice, none
// left. All faults are told together.
template <class Struct, std::size_t kCount, class Special>
Status read_members(const JsonValue& object, const FieldRule<Struct> (&rules)[kCount],
                    const RecordDefaults& defaults, Struct& out, const Special& special) {
  std::bitset<kCount> given;
  const auto read_one = [&](const FieldValue& in) -> Status {
    bool taken = false;
    auto status = special(in, taken);
    if (!status || taken) return status;
    const std::size_t i = find_rule(rules, in.field);
    if (i == kCount) return unknown_field(in.field);
    if (given[i]) return given_twice(in.field);
    given.set(i);
    return rules[i].read(in, out);
  };
  Faults faults;
  object.each_member([&](std::string_view key, JsonValue value) {
    const auto status = read_one(FieldValue{key, value, defaults.tenant_id, defaults.zone});
    if (!status) faults.add(status.error());
    return !faults.full();
  });
  return faults.status();
}

}  // namespace tulving::json
