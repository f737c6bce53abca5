#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "core/kinds/kind.h"

namespace tulving::kinds {

namespace internal {

inline bool append_value(std::string& joined, std::string_view part) {
  // Its length before it: "a" and "bc" are not "ab" and "c".
  joined.append(std::to_string(part.size())).append(":").append(part);
  return !part.empty();
}
inline bool append_value(std::string& joined, const Uuid& part) {
  return append_value(joined, part.is_nil() ? std::string() : part.to_string());
}
template <class Number>
requires std::is_integral_v<Number>
bool append_value(std::string& joined, Number part) {
  return append_value(joined, std::to_string(part));
}
template <class Value>
bool append_value(std::string& joined, const std::optional<Value>& part) {
  return part && append_value(joined, *part);
}

}  // namespace internal

/// The values of the fields that must be unique together, as one text. Empty: one of them is
/// empty, so that the record equals no other.
template <class Record, auto... kMembers>
[[nodiscard]] std::optional<std::string> unique_value(const Record& record,
                                                      const Unique<kMembers...>&) {
  std::string joined;
  if ((internal::append_value(joined, record.*kMembers) && ...)) return joined;
  return std::nullopt;
}

/// "agent_id and session_id", for messages.
template <auto... kMembers>
[[nodiscard]] std::string names_of(const Unique<kMembers...>&) {
  std::string names;
  ((names += (names.empty() ? "" : " and ") + std::string(name_at<kMembers>())), ...);
  return names;
}

template <class Record>
inline constexpr std::size_t kUniqueCount =
    std::tuple_size_v<std::remove_cvref_t<decltype(Kind<Record>::unique)>>;

/// Calls `visit(place, unique)` with each Unique of the kind, until one call returns false. Whether
/// all returned true.
template <class Record, class Visit>
bool all_uniques(const Visit& visit) {
  return [&]<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
    return (visit(kPlaces, std::get<kPlaces>(Kind<Record>::unique)) && ...);
  }
  (std::make_index_sequence<kUniqueCount<Record>>());
}

/// Whether another record could be in the way of this one.
template <class Record>
[[nodiscard]] bool has_unique_value(const Record& record) {
  return !all_uniques<Record>(
      [&](std::size_t, const auto& unique) { return !unique_value(record, unique).has_value(); });
}

}  // namespace tulving::kinds
