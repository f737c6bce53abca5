#include "tools/serve/mcp/stdio/local_http.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

namespace tulving::serve::mcp {
namespace {

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
  /// All that comes until the server closes.
  [[nodiscard]] std::string receive() const {
    std::string all;
    std::array<char, 16384> bytes{};
    ssize_t n = 0;
    while ((n = recv(socket_, bytes.data(), bytes.size(), 0)) > 0) {
      all.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  int socket_ = -1;
};

}  // namespace

bool is_served(const std::string& socket_path) { return Connection(socket_path).is_open(); }

Result<LocalReply> post_local(const std::string& socket_path, const std::string& target,
                              const std::string& headers, std::string_view body) {
  const Connection connection(socket_path);
  if (!connection.is_open()) {
    return Error{ErrorCode::kNotFound, "nobody listens on " + socket_path, "socket"};
  }
  const std::string head = fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
      "application/json\r\nContent-Length: {}\r\n{}\r\n",
      target, body.size(), headers);
  // A server that refuses a body answers before it has read it.
  const bool is_sent = connection.send(head) && connection.send(body);
  const std::string answer = connection.receive();
  const std::size_t end = answer.find("\r\n\r\n");
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (end == std::string::npos || !answer.starts_with(kVersion)) {
    return Error{ErrorCode::kIo, is_sent ? "the server went away before it had answered"
                                         : "the server took no more of the message"};
  }
  LocalReply reply;
  const char* status = answer.data() + kVersion.size();
  std::from_chars(status, status + 3, reply.status);
  reply.body = answer.substr(end + 4);
  return reply;
}

}  // namespace tulving::serve::mcp
