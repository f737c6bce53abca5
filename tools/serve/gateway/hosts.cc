#include "tools/serve/gateway/hosts.h"

#include <algorithm>
#include <array>

namespace tulving::serve {
namespace {

constexpr std::array<std::string_view, 3> kLocal = {"localhost", "127.0.0.1", "[::1]"};

/// "[::1]:80" -> "[::1]".
std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return host.substr(0, colon);
}

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::any_of(names, [name](const auto& one) { return http::same_name(one, name); });
}

/// The host of an origin that is of this machine: "http://localhost:3000".
bool is_local_origin(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) {
      return is_one_of(kLocal, without_port(origin.substr(scheme.size())));
    }
  }
  return false;
}

}  // namespace

std::optional<std::string_view> Hosts::fault_of(const http::RequestHead& head) const {
  const std::string* host = head.header("Host");
  if (!any_host && !head.peer.is_unix && host != nullptr) {
    const std::string_view name = without_port(*host);
    if (!is_one_of(kLocal, name) && !is_one_of(hosts, name)) return "Host is none of the server's";
  }
  const std::string* origin = head.header("Origin");
  if (origin == nullptr) return std::nullopt;
  if (head.count("Origin") > 1) return "Origin is given twice";
  if (is_one_of(origins, *origin) || is_local_origin(*origin)) return std::nullopt;
  return "Origin is none that the server lets in";
}

const std::string* Hosts::reader(const http::RequestHead& head) const {
  const std::string* origin = head.header("Origin");
  return origin != nullptr && is_one_of(origins, *origin) ? origin : nullptr;
}

}  // namespace tulving::serve
