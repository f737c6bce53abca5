#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::tools {

/// What is wrong with the arguments, in one sentence: the option or command at fault, its value and
/// the rule, and what was probably meant.
[[nodiscard]] std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& problem);

/// The one of `known` that `word` was probably meant to be: the nearest by letters left out, put
/// in, changed or swapped, of which there may be one in three. Empty: none is that near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// Takes --tenant from TULVING_TENANT wherever a command needs one and is given none.
void take_tenant_from_environment(CLI::App& app);

}  // namespace tulving::tools
