#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tulving::architecture {

/// The text of a file of the project; its path is relative to the root.
[[nodiscard]] std::string text_of(std::string_view path);

/// The C++ files under `folders`, relative to the root, in order.
[[nodiscard]] std::vector<std::string> sources_under(const std::vector<std::string_view>& folders);

}  // namespace tulving::architecture
