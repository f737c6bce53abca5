#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/http/message.h"

namespace tulving::serve {

/// By which names the server may be spoken to, and from which sites' pages. A page of another site
/// that has its own name point here (DNS rebinding) comes with that name in Host and in Origin.
struct Hosts {
  bool any_host = false;  ///< Beyond loopback, where tokens are what counts and names are many.
  std::vector<std::string> hosts = {};    ///< Beside localhost, 127.0.0.1 and [::1].
  std::vector<std::string> origins = {};  ///< Beside those of this machine: "https://app.example".

  /// Why a request is refused; empty: it is not.
  [[nodiscard]] std::optional<std::string_view> fault_of(const http::RequestHead& head) const;
  /// The origin of a request that is one of `origins`, whose pages may read what is answered; else
  /// null.
  [[nodiscard]] const std::string* reader(const http::RequestHead& head) const;
};

}  // namespace tulving::serve
