#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "tools/serve/http/message.h"
#include "tulving/result.h"

namespace tulving::serve::http {

/// Where a request is answered.
enum class Lane : std::uint8_t {
  kInline,  ///< On the thread of its connection, which others wait for: microseconds.
  kWorker,  ///< On one of a few threads: what waits for locks and disks, for milliseconds.
  kHeavy,   ///< On one of a few others: what takes seconds, or as long as a client reads.
};

/// What is decided of a request when its head is there.
struct Admission {
  std::optional<Response> refusal = {};  ///< The body is not read, and the connection is closed.
  std::size_t body_max = 0;              ///< Bytes; more is refused (413).
  Lane lane = Lane::kWorker;
  std::shared_ptr<const void> admitted = {};  ///< Handed on in Request::admitted.
};

/// A response of unknown length, written as it comes. Not of Lane::kInline.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  /// The response's head; its body is not looked at. Once, before the first write().
  virtual void begin(Response head) = 0;
  /// Waits while the client reads more slowly. kIo: it has gone.
  virtual Status write(std::string_view bytes) = 0;
};

/// Answers requests.
///
/// Thread safety: the members are called on many threads at once.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Admission admit(const RequestHead& head) = 0;
  /// Where `stream` was begun, what is returned is not looked at.
  virtual Response answer(Request& request, ResponseStream& stream) = 0;
  /// What the server itself refuses: 400, 408, 413, 500, 503. Without a body of its own the
  /// response would be the library's.
  virtual Response refuse(int status, std::string_view why) = 0;
};

}  // namespace tulving::serve::http
