#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tulving::operations {

/// "a, b or c".
[[nodiscard]] inline std::string one_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace tulving::operations
