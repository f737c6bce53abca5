#pragma once

#include <string>
#include <string_view>

#include "tools/cli/shell/command_tree.h"

namespace tulving::tools {

/// tulving(1), in roff: every command with its options.
[[nodiscard]] std::string man_page(const CommandText& program, std::string_view version);

}  // namespace tulving::tools
