#pragma once

#include <cstdio>
#include <string_view>

namespace tulving::tools {

/// Gives a number to each standard stream that the process was started without. Else the next file
/// that it opens would get that number: a store's lock or its log, into which messages then go.
/// Reading and writing fail as they do on a closed stream. False: the system gives none. Call it
/// before anything is opened.
[[nodiscard]] bool hold_closed_streams();

/// Puts a guard before stdout and stderr where they are terminals: whatever the process prints,
/// through whichever call, controls in it arrive escaped (see shown_text.h; line ends and tabs are
/// layout and pass). What is no terminal gets its bytes as they are. False: out of memory.
/// Call it in main() before anything is printed, from one thread.
[[nodiscard]] bool guard_terminals();

[[nodiscard]] bool stdout_is_terminal();
[[nodiscard]] bool stderr_is_terminal();

/// Writes past the guard to the terminal behind stderr: the progress bar alone needs that.
void write_controls(std::string_view text);

}  // namespace tulving::tools
