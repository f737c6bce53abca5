#pragma once

#include <cstdint>
#include <string>

#include "tulving/result.h"

namespace tulving::serve::http {

/// A socket that listens. Closed with it, unless the server took it; a unix socket's file goes too.
class Listener {
 public:
  /// `host` is an IPv4 or IPv6 address; port 0: any that is free. kInvalidArgument: no address.
  /// kBusy: the port is another's. kIo: the system refused.
  static Result<Listener> tcp(const std::string& host, std::uint16_t port);
  /// A socket that its owner alone may connect to. A file that was left by a server that is gone is
  /// replaced. kBusy: a server listens there. kInvalidArgument: the path is too long, or no
  /// socket's.
  static Result<Listener> unix_socket(const std::string& path);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }       ///< 0 of a unix socket.
  [[nodiscard]] const std::string& path() const { return path_; }  ///< Empty of TCP.
  [[nodiscard]] const std::string& host() const { return host_; }  ///< Empty of a unix socket.
  /// The unix socket's file goes now, so that nobody finds it any more.
  void remove_file();

 private:
  explicit Listener(int socket) : socket_(socket) {}

  int socket_;
  std::uint16_t port_ = 0;
  std::string path_, host_;
};

/// Whether an address is of this machine alone.
[[nodiscard]] bool is_loopback(const std::string& host);

}  // namespace tulving::serve::http
