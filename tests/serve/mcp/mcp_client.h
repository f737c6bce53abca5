#pragma once

#include <string>
#include <vector>

#include "tests/serve/served.h"

namespace tulving::testing {

/// Speaks MCP to a store that is served.
class Mcp : public Served {
 protected:
  /// What a tool answers in the revision without a handshake: the whole result.
  Json call(const std::string& tool, const Json& arguments, const Headers& headers = {},
            const std::string& profile = "");
  /// Its structured content; fails the test where the tool fails, or where the content is not as
  /// the tool's output schema says.
  Json done(const std::string& tool, const Json& arguments, const std::string& profile = "");
  /// Its error, out of the text.
  Json failed(const std::string& tool, const Json& arguments, const std::string& profile = "");
  /// A request with all headers that mirror it, but for those that `headers` has.
  Reply ask(Json message, const Headers& headers = {}, const std::string& profile = "");

  Json tools(const std::string& profile);
};

/// A request as the revision without a handshake has it.
[[nodiscard]] Json modern(const std::string& method, Json params = Json::object());

}  // namespace tulving::testing
