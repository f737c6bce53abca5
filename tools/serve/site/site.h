#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/serve/gateway/gateway.h"
#include "tools/serve/http/server.h"
#include "tulving/operations.h"

namespace tulving::serve {

inline constexpr std::uint16_t kDefaultPort = 7437;

struct SiteOptions {
  bool has_tcp = true;
  std::string host = "127.0.0.1";
  std::uint16_t port = kDefaultPort;  ///< 0: any that is free.
  std::filesystem::path socket = {};  ///< Empty: no unix socket.
  std::filesystem::path tokens = {};  ///< Empty: nobody needs a token.
  std::chrono::milliseconds drain_time{30'000};
  http::ServerOptions http = {};
  GatewayOptions gateway = {};
};

/// The unix socket beside a store: STORE.sock.
[[nodiscard]] std::filesystem::path socket_beside(const std::filesystem::path& store);

/// A store that is served: what tulving serve is, but for its signals.
class Site {
 public:
  /// kInvalidArgument: an address beyond loopback without tokens; what Listener and Gatekeeper say.
  static Result<std::unique_ptr<Site>> start(Service service, SiteOptions options);
  ~Site();  ///< As end().

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const http::Server& server() const { return *server_; }
  [[nodiscard]] Health& health() { return health_; }
  [[nodiscard]] Store& store() { return service_.store(); }

  [[nodiscard]] std::chrono::nanoseconds idle_time() const { return gateway_->idle_time(); }

  /// Reads the tokens anew.
  Status reload() { return gatekeeper_->reload(); }
  /// New requests are refused, those under way answered, for drain_time; then streams are cut, and
  /// the store is closed. The error is close()'s. Idempotent.
  Status end();

 private:
  Site(Service service, SiteOptions options);

  const SiteOptions options_;
  Service service_;
  Metrics metrics_;
  Health health_;
  Calls calls_;
  std::unique_ptr<auth::Gatekeeper> gatekeeper_;
  std::optional<Gateway> gateway_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace tulving::serve
