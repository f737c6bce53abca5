#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tulving::tools {

/// The arguments of main(), copied, the program's name first. Those that may hold a password are
/// then written over where they came from: every user of the machine sees them there
/// (/proc/PID/cmdline, ps), as long as the process lives.
std::vector<std::string> take_arguments(int argc, char** argv);

/// Whether an argument may hold a password: it is, or holds, a connection string.
[[nodiscard]] bool may_hold_password(std::string_view argument);

/// A message that may repeat arguments, without those that may hold a password.
[[nodiscard]] std::string without_connection_strings(std::string message,
                                                     const std::vector<std::string>& arguments);

/// The same of a message about arguments that were misread, and may be repeated in part: one that
/// has any word of theirs that stands where a password does is replaced as a whole.
[[nodiscard]] std::string without_passwords(std::string message,
                                            const std::vector<std::string>& arguments);

}  // namespace tulving::tools
