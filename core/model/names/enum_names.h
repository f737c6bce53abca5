#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace tulving::model {

// Names of an enumeration whose values count from 0, in the order of the enumerators.

template <class Enum>
std::string_view name_of(std::span<const std::string_view> names, Enum value) {
  const auto i = static_cast<std::size_t>(value);
  return i < names.size() ? names[i] : "unknown";
}

template <class Enum>
std::optional<Enum> value_of(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace tulving::model
