#include "tools/serve/mcp/stdio/local_http.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace tulving::serve::mcp {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// A connection; closed with it.
class Connection {
 public:
  explicit Connection(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return;
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    close(socket_);
    socket_ = -1;
  }
  ~Connection() {
    if (socket_ >= 0) close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool is_open() const { return socket_ >= 0; }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Appends what comes next; false: the server has closed.
  bool receive(std::string& to) const {
    std::array<char, 16384> bytes{};
    const ssize_t n = recv(socket_, bytes.data(), bytes.size(), 0);
    if (n <= 0) return false;
    to.append(bytes.data(), static_cast<std::size_t>(n));
    return true;
  }

 private:
  int socket_ = -1;
};

/// A chunked body as it comes, without what is between the chunks.
class Chunks {
 public:
  /// Moves what is there of chunks from `raw` to `body`.
  void take(std::string& raw, std::string& body) {
    while (!raw.empty()) {
      if (left_ == 0) {
        const std::size_t end = raw.find("\r\n", has_begun_ ? 2 : 0);  // The last one's is first.
        if (end == std::string::npos) return;
        const char* digits = raw.data() + (has_begun_ ? 2 : 0);
        std::from_chars(digits, raw.data() + end, left_, 16);
        raw.erase(0, end + 2);
        has_begun_ = true;
        if (left_ == 0) {
          is_whole_ = true;
          raw.clear();  // No trailers are of ours.
        }
        continue;
      }
      const std::size_t taken = std::min(left_, raw.size());
      body.append(raw, 0, taken);
      raw.erase(0, taken);
      left_ -= taken;
    }
  }
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  std::size_t left_ = 0;  // Of the chunk under way.
  bool has_begun_ = false, is_whole_ = false;
};

/// Events as their text comes: "event: message", "data: ...", a blank line. Ours have one line of
/// data each.
class Events {
 public:
  /// Calls `put` with the data of each that is whole, and takes it out of `text`.
  void take(std::string& text, const std::function<void(std::string_view)>& put) {
    constexpr std::string_view kData = "\ndata: ", kEnd = "\n\n";
    std::size_t end = 0;
    while ((end = text.find(kEnd, seen_)) != std::string::npos) {
      const std::size_t data =
          text.find(kData);  // What it says may hold the word, but no line end.
      if (data < end) {
        put(std::string_view(text).substr(data + kData.size(), end - data - kData.size()));
      }
      text.erase(0, end + kEnd.size());
      seen_ = 0;
    }
    seen_ = text.empty() ? 0 : text.size() - 1;
  }

 private:
  std::size_t seen_ = 0;  // There is no end before it.
};

/// The body of a response of events: the last of them.
Result<std::string> last_event(const Connection& connection, std::string raw,
                               const std::function<void(std::string_view)>& told) {
  Chunks chunks;
  Events events;
  std::string text, last;
  do {
    chunks.take(raw, text);
    events.take(text, [&](std::string_view event) {
      told(event);
      last = event;
    });
  } while (!chunks.is_whole() && connection.receive(raw));
  if (chunks.is_whole() && !last.empty()) return last;
  return Error{ErrorCode::kIo, "the server went away before it had answered"};
}

}  // namespace

bool is_served(const std::string& socket_path) { return Connection(socket_path).is_open(); }

Result<LocalReply> post_local(const std::string& socket_path, const std::string& target,
                              const std::string& headers, std::string_view body,
                              const std::function<void(std::string_view)>& told) {
  const Connection connection(socket_path);
  if (!connection.is_open()) {
    return Error{ErrorCode::kNotFound, "nobody listens on " + socket_path, "socket"};
  }
  const std::string head = fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
      "application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: "
      "{}\r\n{}\r\n",
      target, body.size(), headers);
  // A server that refuses a body answers before it has read it.
  const bool is_sent = connection.send(head) && connection.send(body);
  std::string answer;
  std::size_t end = std::string::npos;
  while (end == std::string::npos && connection.receive(answer)) end = answer.find(kHeadEnd);
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (end == std::string::npos || !answer.starts_with(kVersion)) {
    return Error{ErrorCode::kIo, is_sent ? "the server went away before it had answered"
                                         : "the server took no more of the message"};
  }
  LocalReply reply;
  const char* status = answer.data() + kVersion.size();
  std::from_chars(status, status + 3, reply.status);
  // What it sends otherwise is one document, with its length.
  const bool has_events =
      std::string_view(answer).substr(0, end).find("text/event-stream") != std::string_view::npos;
  answer.erase(0, end + kHeadEnd.size());
  if (has_events) {
    auto last = last_event(connection, std::move(answer), told);
    if (!last) return last.error();
    reply.body = *std::move(last);
    return reply;
  }
  while (connection.receive(answer)) {
  }
  reply.body = std::move(answer);
  return reply;
}

}  // namespace tulving::serve::mcp
