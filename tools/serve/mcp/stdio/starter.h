#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tulving/result.h"

namespace tulving::serve::mcp {

/// Runs this program with `arguments` as a process of its own, which outlives this one, and waits
/// until it, or another that was faster, listens on `socket`. Of several that are started at once
/// the store's lock lets one be; the others end. kBusy: whoever has the store serves nobody. kIo:
/// it does not start. Its stderr goes to `log`.
Status start_server(const std::vector<std::string>& arguments, const std::string& socket,
                    const std::string& log,
                    std::chrono::milliseconds patience = std::chrono::seconds(60));

}  // namespace tulving::serve::mcp
