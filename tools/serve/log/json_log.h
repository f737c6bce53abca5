#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/json/text/json_writer.h"

namespace tulving::serve {

/// One JSON object a line on stderr: what happened, never what was said. A line is written in one
/// piece, and lost where stderr is closed or full.
///
///   log_event("info", "listening", [&](json::ObjectWriter& out) { out.member("port", port); });
void log_event(std::string_view level, std::string_view event,
               const std::function<void(json::ObjectWriter&)>& members = {});

}  // namespace tulving::serve
