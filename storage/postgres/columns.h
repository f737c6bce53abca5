#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/table.h"

namespace tulving::storage::postgres {

// Columns that are a record's field, both ways, by the type of the member. What a column shows of
// an absent value (NULL, '' or its default) follows from its DDL, see row_writer.h.

namespace columns {

template <auto kMember>
using RecordOf = kinds::internal::RecordOf<kMember>;
template <auto kMember>
using MemberOf = std::remove_cvref_t<decltype(std::declval<RecordOf<kMember>>().*kMember)>;

inline Field field_of(const std::string& text) { return text; }
inline Field field_of(const std::vector<std::string>& texts) { return texts; }
inline Field field_of(const std::vector<Uuid>& ids) { return ids; }
inline Field field_of(bool value) { return value; }
inline Field field_of(std::int32_t value) { return value; }
inline Field field_of(double value) { return value; }
inline Field field_of(Timestamp value) { return value; }
inline Field field_of(const Uuid& id) { return id.is_nil() ? Field() : Field(NamedUuid{id, {}}); }
template <class Enum>
requires std::is_enum_v<Enum> Field field_of(Enum value) {
  return std::string(kinds::kNames<Enum>.at(static_cast<std::size_t>(value)));
}
template <class Value>
Field field_of(const std::optional<Value>& value) {
  return value ? field_of(*value) : Field();
}

/// Why `value` does not fit; what is absent leaves the default.
template <class Value>
std::string put(Field&& value, Value& to) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  if constexpr (std::is_enum_v<Value>) {
    const auto* const label = std::get_if<std::string>(&value);
    for (std::size_t i = 0; label != nullptr && i < kinds::kNames<Value>.size(); ++i) {
      if (kinds::kNames<Value>[i] == *label) {
        to = static_cast<Value>(i);
        return {};
      }
    }
    return label == nullptr ? "it is no text"
                            : "\"" + *label + "\" is none of the names known here";
  } else if constexpr (std::is_same_v<Value, Uuid>) {
    auto* const named = std::get_if<NamedUuid>(&value);
    const auto* const text = std::get_if<std::string>(&value);
    const auto id = named != nullptr  ? std::optional(named->id)
                    : text != nullptr ? Uuid::parse(*text)
                                      : std::nullopt;
    if (!id) return "it is no UUID of version 4";
    to = *id;
    return {};
  } else if constexpr (std::is_same_v<Value, std::string>) {
    if (auto* const named = std::get_if<NamedUuid>(&value)) {
      to = named->name.empty() ? named->id.to_string() : std::move(named->name);
      return {};
    }
    if (!std::holds_alternative<std::string>(value)) return "it is no text";
    to = std::get<std::string>(std::move(value));
    return {};
  } else {
    if (!std::holds_alternative<Value>(value)) return "it is of another type";
    to = std::get<Value>(std::move(value));
    return {};
  }
}
template <class Value>
std::string put(Field&& value, std::optional<Value>& to) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  Value there{};
  auto why = put(std::move(value), there);
  if (why.empty()) to = std::move(there);
  return why;
}

template <auto kMember>
Field get(const Row& row) {
  return field_of(row.record.as<RecordOf<kMember>>().*kMember);
}
template <auto kMember>
std::string set(Field&& value, Reading& to) {
  return put(std::move(value), std::get<RecordOf<kMember>>(to.record).*kMember);
}

/// The UUID that stands for the name, and the name.
inline Field named(std::string_view tenant_id, const std::string& name) {
  if (name.empty()) return {};
  NamedUuid made{Uuid::standing_for(tenant_id, name), name};
  if (made.id.to_string() == name) made.name.clear();
  return made;
}
template <auto kMember>
Field get_named(const Row& row) {
  return named(row.record.tenant_id, row.record.as<RecordOf<kMember>>().*kMember);
}

/// The kind that the member names by its declaration; void: a name of the caller's own.
template <auto kMember, class Reference>
struct IfNames {
  using Target = void;
};
template <auto kMember, class Named>
struct IfNames<kMember, kinds::Reference<kMember, Named>> {
  using Target = Named;
};
template <auto kMember, class References>
struct FirstNamed;
template <auto kMember>
struct FirstNamed<kMember, std::tuple<>> {
  using Target = void;
};
template <auto kMember, class First, class... Rest>
struct FirstNamed<kMember, std::tuple<First, Rest...>> {
  using Own = typename IfNames<kMember, First>::Target;
  using Target = std::conditional_t<std::is_void_v<Own>,
                                    typename FirstNamed<kMember, std::tuple<Rest...>>::Target, Own>;
};
template <auto kMember>
using Named = typename FirstNamed<
    kMember, std::remove_cvref_t<decltype(kinds::Kind<RecordOf<kMember>>::references)>>::Target;

/// record_id() of what the member names.
template <auto kMember>
std::string parent_id(const SourceRecord& record) {
  const auto& name = record.as<RecordOf<kMember>>().*kMember;
  if constexpr (std::is_same_v<MemberOf<kMember>, Uuid>) {
    return name.is_nil() ? std::string() : name.to_string();
  } else if constexpr (std::is_same_v<Named<kMember>, Session>) {
    return name;
  } else if constexpr (std::is_void_v<Named<kMember>>) {
    return name.empty() ? std::string() : Uuid::standing_for(record.tenant_id, name).to_string();
  } else {
    return name.empty() ? std::string()
                        : kinds::row_id<Named<kMember>>(record.tenant_id, name).to_string();
  }
}

}  // namespace columns

/// The field as it is.
template <auto kMember>
[[nodiscard]] Column column(std::string_view name = kinds::last_part(kinds::name_at<kMember>()),
                            std::string_view note = {}) {
  return {.name = name,
          .from = kinds::name_at<kMember>(),
          .get = &columns::get<kMember>,
          .set = &columns::set<kMember>,
          .note = note};
}

/// The UUID that stands for the caller's own id in the field.
template <auto kMember>
[[nodiscard]] Column named_column(
    std::string_view name = kinds::last_part(kinds::name_at<kMember>())) {
  return {.name = name,
          .from = kinds::name_at<kMember>(),
          .get = &columns::get_named<kMember>,
          .set = &columns::set<kMember>,
          .note = "the UUID that stands for it; tulving.sync_names has the name"};
}

/// The key of the row of `table` that the field names.
template <auto kMember>
[[nodiscard]] Column reference_column(std::string_view name, std::string_view table,
                                      WhenMissing when_missing) {
  return {.name = name,
          .from = kinds::name_at<kMember>(),
          .set = &columns::set<kMember>,
          .reference = {table, when_missing, &columns::parent_id<kMember>}};
}

/// What is made of several fields, or of one in another form.
[[nodiscard]] inline Column made_column(std::string_view name, std::string_view from,
                                        Field (*get)(const Row&),
                                        std::string (*set)(Field&&, Reading&),
                                        std::string_view note = {}) {
  return {.name = name, .from = from, .get = get, .set = set, .note = note};
}

}  // namespace tulving::storage::postgres
