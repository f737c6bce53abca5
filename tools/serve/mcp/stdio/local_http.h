#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tulving/result.h"

namespace tulving::serve::mcp {

/// What a request over the unix socket came to.
struct LocalReply {
  int status = 0;
  std::string body;
};

/// One POST on a connection of its own, so that it is known whether a request that failed had
/// begun. Of a response of events `told` is called with each as it comes, and the last one is the
/// body. kNotFound: nobody listens on the socket. kIo: the server went away under it.
Result<LocalReply> post_local(const std::string& socket_path, const std::string& target,
                              const std::string& headers, std::string_view body,
                              const std::function<void(std::string_view event)>& told);

/// Whether somebody listens there.
[[nodiscard]] bool is_served(const std::string& socket_path);

}  // namespace tulving::serve::mcp
