#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "tools/serve/http/message.h"

namespace tulving::serve::http {

/// An open connection.
struct Connection {
  int socket = -1;
  Peer peer = {};
  /// When it is cut, unless something happens first, as steady_clock's count; 0: never. The library
  /// below cuts who is silent; who sends a byte now and then, it lets hold the connection for ever.
  std::atomic<std::chrono::steady_clock::rep> cut_at = 0;

  void cut_in(std::chrono::milliseconds time) {
    cut_at = (std::chrono::steady_clock::now() + time).time_since_epoch().count();
  }
};

/// Those that are open, and a thread that cuts the ones that are too slow. Thread-safe.
class Connections {
 public:
  explicit Connections(std::chrono::milliseconds every);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  Connection* open(int socket);
  /// Before the socket's number can be another's.
  void closed(Connection* connection);

 private:
  void run();
  void cut_late();

  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::unordered_set<Connection*> open_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace tulving::serve::http
