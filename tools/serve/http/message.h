#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tulving::serve::http {

// Requests and responses in types of ours. What lies below them, the library that speaks HTTP, is
// known to this folder alone.

/// A name and its value, in the order in which they came.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Where a request came from.
struct Peer {
  bool is_unix = false;
  /// Over the unix socket, from a process of the user that serves.
  bool is_owner = false;
};

/// All of a request but its body. Names of headers are compared without regard to case.
struct RequestHead {
  std::string method;
  std::string path;  ///< As it came: escapes are not resolved.
  Pairs query;       ///< Likewise; '+' is a blank already.
  Pairs headers;
  Peer peer;

  /// The first header of that name; null: none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

struct Request {
  RequestHead head;
  std::string body;
  std::shared_ptr<const void> admitted;  ///< What Handler::admit() found out.
};

struct Response {
  int status = 200;
  Pairs headers = {};
  std::string body = {};
  bool closes = false;  ///< The connection, after this response.
};

[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

/// Resolves %XX. False: an escape is malformed, or stands for NUL.
[[nodiscard]] bool unescape(std::string_view text, std::string& out);

}  // namespace tulving::serve::http
