#pragma once

#include <string>

namespace tulving::serve::mcp {

/// What a tool, a resource or a prompt gives that is no operation's answer: texts, images, sounds,
/// resources; a request for input; an error.
struct Content {
  /// Of the result, as JSON without its braces: "content":[...], "contents":[...] or
  /// "messages":[...].
  std::string members = {};
  /// The members are inputRequests and requestState: the client is to ask again, with the answers
  /// and the state beside the same arguments. Since 2026-07-28.
  bool wants_input = false;
  int code = 0;  ///< Not 0: an error of the protocol, in place of a result.
  std::string fault = {};
  std::string data = {};  ///< Of the error, as JSON; empty: none.
};

}  // namespace tulving::serve::mcp
