#pragma once

#include <string>

namespace tulving::tools {

/// From now on SIGINT, SIGTERM and SIGHUP end the process in order, whatever it waits for: its
/// temporary folders go, stderr says that `command` was ended, and the exit code is 128 + the
/// signal's number. A signal that was ignored when the process started stays so. For a command that
/// writes no store, called before there are threads.
void end_in_order_on_signals(std::string command);

}  // namespace tulving::tools
