#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "tools/serve/http/connections.h"
#include "tools/serve/http/handler.h"
#include "tools/serve/http/server.h"
#include "tools/serve/http/workers.h"

struct MHD_Daemon;

namespace tulving::serve::http {

/// What the sockets of a server share.
struct Shared {
  Handler& handler;
  const ServerOptions options;
  std::atomic<std::size_t> active = 0;  ///< Requests under way.
  std::atomic<std::size_t> bodies_bytes = 0;
  std::atomic<bool> gives_up = false;  ///< Streams end.
  Connections connections;
  Workers workers, heavy;
};

/// libmicrohttpd on one socket.
class Daemon {
 public:
  /// `shared` must outlive it. The socket stays the caller's. kIo: it did not start.
  static Result<std::unique_ptr<Daemon>> start(int socket, Shared& shared);
  ~Daemon();  ///< No connection may sleep.
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void quiesce();

 private:
  explicit Daemon(MHD_Daemon* daemon) : daemon_(daemon) {}
  MHD_Daemon* daemon_;
};

}  // namespace tulving::serve::http
