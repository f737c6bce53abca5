#include "tools/cli/process/arguments.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <utility>

namespace tulving::tools {

namespace {

// The options whose value is a connection string.
constexpr std::array<std::string_view, 2> kOptions = {"--to", "--from"};
// What a connection string holds, in any spelling that libpq takes. More than those are hidden:
// that costs nothing, as the copies are what is read.
constexpr std::array<std::string_view, 3> kSigns = {"postgres:", "postgresql:", "password"};

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

/// What stands where a password does in an argument, misread or not; empty: nothing.
std::string password_in(std::string_view argument) {
  const std::size_t scheme = argument.find("://");
  const std::size_t at = argument.rfind('@');
  if (scheme != argument.npos && at != argument.npos) {
    const std::size_t colon = argument.find(':', scheme + 3);
    if (colon < at) return std::string(argument.substr(colon + 1, at - colon - 1));
  }
  constexpr std::string_view kName = "password=";
  const std::size_t name = in_lower_case(argument).find(kName);
  if (name == std::string::npos) return {};
  std::string_view value = argument.substr(name + kName.size());
  if (value.starts_with('\'')) value.remove_prefix(1);
  return std::string(value.substr(0, value.find_first_of("' \"&")));
}

}  // namespace

bool may_hold_password(std::string_view argument) {
  const std::string lower = in_lower_case(argument);
  return std::ranges::any_of(
      kSigns, [&](std::string_view sign) { return lower.find(sign) != std::string::npos; });
}

std::vector<std::string> take_arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv, argv + argc);
  for (int i = 1; i < argc; ++i) {
    const std::string& argument = arguments[static_cast<std::size_t>(i)];
    const std::string& before = arguments[static_cast<std::size_t>(i) - 1];
    const bool is_value = std::ranges::find(kOptions, before) != kOptions.end();
    std::size_t kept = 0;
    for (const std::string_view option : kOptions) {
      if (argument.starts_with(std::string(option) + '=')) kept = option.size() + 1;
    }
    if (!is_value && kept == 0 && !may_hold_password(argument)) continue;
    std::memset(argv[i] + kept, 'x', argument.size() - kept);
  }
  return arguments;
}

std::string without_connection_strings(std::string message,
                                       const std::vector<std::string>& arguments) {
  constexpr std::string_view kInPlace = "(a connection string)";
  for (const std::string& argument : arguments) {
    if (!may_hold_password(argument)) continue;
    const std::size_t sign = argument.find('=');
    const std::string value = sign == std::string::npos ? argument : argument.substr(sign + 1);
    for (const std::string& part : {argument, value}) {
      if (!may_hold_password(part)) continue;
      std::size_t at = 0;
      while ((at = message.find(part, at)) != std::string::npos) {
        message.replace(at, part.size(), kInPlace);
        at += kInPlace.size();
      }
    }
  }
  return message;
}

std::string without_passwords(std::string message, const std::vector<std::string>& arguments) {
  message = without_connection_strings(std::move(message), arguments);
  for (const std::string& argument : arguments) {
    const std::string password = password_in(argument);
    if (password.empty() || message.find(password) == std::string::npos) continue;
    return "an argument is wrong; it is not repeated here, as it may hold a password";
  }
  return message;
}

}  // namespace tulving::tools
