#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "tools/serve/http/connections.h"
#include "tools/serve/http/handler.h"
#include "tools/serve/http/pipe.h"

namespace tulving::serve::http {

/// A request and its response on their way. The connection's thread and, in turns with it, one of a
/// lane have it; while the latter does, the connection sleeps.
class Exchange : public ResponseStream {
 public:
  enum class State : std::uint8_t { kReading, kRunning, kStreaming, kAnswered };

  Exchange(Connection* from, const std::atomic<bool>& gives_up)
      : connection(from), pipe(std::make_shared<Pipe>(gives_up)) {}

  // Of the thread that answers.
  void begin(Response head) override;
  Status write(std::string_view bytes) override { return pipe->write(bytes); }
  /// Asks the handler. What it throws becomes a response too.
  void run(Handler& handler);

  Connection* connection;
  Request request;
  Admission admission;
  std::optional<Response> refusal;  // Sent in place of an answer, once the request is there.
  std::size_t body_seen = 0;        // Bytes, those that were thrown away included.
  std::size_t body_held = 0;        // Of the budget of all bodies.
  std::shared_ptr<Pipe> pipe;
  std::function<void()> wake;  // The connection, which sleeps; null on its own thread.
  Response response;
  std::atomic<State> state = State::kReading;
};

}  // namespace tulving::serve::http
