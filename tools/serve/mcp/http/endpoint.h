#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/serve/http/handler.h"
#include "tools/serve/http/message.h"
#include "tools/serve/mcp/protocol/protocol.h"

namespace tulving::serve::mcp {

/// MCP's streamable HTTP, a message a POST. The answer is a JSON document; where something is told
/// before it, as how far a long call is, which whoever asks has to want, it is the last event of a
/// stream. Nothing is told unasked. Also what `tulving mcp` sends, whose messages come without the
/// headers that mirror them. Thread-safe.
class Endpoint {
 public:
  /// By the name of a profile; empty: there is none of that name.
  using Catalogs = std::optional<Catalog> (*)(std::string_view profile);

  Endpoint(Calls& calls, std::string_view version, std::string default_tenant, Catalogs catalogs)
      : protocol_(calls, version),
        default_tenant_(std::move(default_tenant)),
        catalogs_(catalogs) {}

  static constexpr std::string_view kPath = "/mcp";
  static constexpr std::string_view kStdioPath = "/mcp/stdio";
  [[nodiscard]] static bool is_path(std::string_view path) {
    return path == kPath || path == kStdioPath;
  }

  /// Where `stream` was begun, what is returned is not looked at.
  [[nodiscard]] http::Response answer(const http::Request& request, const auth::Access& access,
                                      http::ResponseStream& stream);

 private:
  Protocol protocol_;
  const std::string default_tenant_;  // Of who names none, and is bound to none.
  const Catalogs catalogs_;
};

/// The characters that a header stands for: "=?base64?...?=" is decoded. False: it is malformed.
[[nodiscard]] bool read_header(std::string_view value, std::string& out);

}  // namespace tulving::serve::mcp
