#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "tools/serve/http/handler.h"
#include "tools/serve/http/listener.h"
#include "tulving/result.h"

namespace tulving::serve::http {

struct ServerOptions {
  std::size_t threads = 0;  ///< That read and write connections, a socket; 0: one a processor.
  std::size_t workers = 4;  ///< Of Lane::kWorker.
  std::size_t heavy = 4;    ///< Of Lane::kHeavy.
  std::size_t waiting_max = 1024;         ///< Requests that wait for a thread of a lane.
  std::size_t connections_max = 512;      ///< A socket; more wait until one is closed.
  std::size_t head_bytes_max = 32 << 10;  ///< Of a request's head; more is refused (431).
  /// Of all bodies that are there at once; what would pass it is refused (503).
  std::size_t bodies_bytes_max = std::size_t{256} << 20U;
  std::chrono::milliseconds idle_time{30'000};  ///< Without a byte either way: closed.
  std::chrono::milliseconds head_time{15'000};  ///< For a head to come, once the last is answered.
  std::chrono::milliseconds body_time{120'000};
};

/// Speaks HTTP/1.1 on some sockets.
class Server {
 public:
  /// `handler` must outlive it. kIo: the system gives no thread or no memory.
  static Result<std::unique_ptr<Server>> start(std::vector<Listener> listeners, Handler& handler,
                                               const ServerOptions& options = {});
  ~Server();  ///< As stop().

  /// Takes no further connections; those that are there go on.
  void quiesce();
  /// Whether no request is under way any more; waits for it, but not for longer than `time`.
  [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds time);
  /// Streams end, requests under way are answered, connections are closed. Idempotent.
  void stop();

  [[nodiscard]] const std::vector<Listener>& listeners() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::serve::http
