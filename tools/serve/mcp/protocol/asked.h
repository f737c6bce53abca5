#pragma once

#include <string_view>

#include "tools/serve/mcp/protocol/protocol.h"

namespace tulving::serve::mcp {

/// How long a client may keep a list, and whether it may show it to others.
inline constexpr std::string_view kListKept = R"(,"ttlMs":3600000,"cacheScope":"private")";

/// A request, and in which era it is.
struct Protocol::Asked {
  const Message& message;
  const Speaker& speaker;
  bool is_modern;
  Progress& progress;

  [[nodiscard]] bool has_cursor() const { return !member_of(message.params, "cursor").empty(); }
  [[nodiscard]] Reply no_cursor() const {
    return error(kInvalidParams, "there is one page, and no cursor was given out");
  }
  [[nodiscard]] Reply error(int code, std::string_view text, std::string_view data = {}) const {
    return {error_message(message.id, code, text, data), code};
  }
};

}  // namespace tulving::serve::mcp
