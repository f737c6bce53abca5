#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tulving::testing {

/// An HTTP server on loopback, for one request a connection: what it answers, a test says. Real
/// sockets, so that the client is the one that users run.
class EmbeddingServer {
 public:
  struct Request {
    std::string head, body;
  };
  /// Gives the whole answer, from "HTTP/1.1" on; an empty one closes the connection.
  using Answer = std::function<std::string(const Request& request, std::size_t number)>;

  explicit EmbeddingServer(Answer answer) : answer_(std::move(answer)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(socket_, 16);
    socklen_t length = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~EmbeddingServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  EmbeddingServer(const EmbeddingServer&) = delete;
  EmbeddingServer& operator=(const EmbeddingServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/v1";
  }
  [[nodiscard]] std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  static std::string answer(int status, const std::string& body, const std::string& more = {}) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
           more + "\r\n" + body;
  }

 private:
  void serve() {
    for (int client; (client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const Request request = read(client);
      std::size_t number = 0;
      {
        const std::lock_guard lock(mutex_);
        number = requests_.size();
        requests_.push_back(request);
      }
      const std::string bytes = answer_(request, number);
      std::size_t sent = 0;
      while (sent < bytes.size()) {
        const auto more = ::send(client, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (more <= 0) break;
        sent += static_cast<std::size_t>(more);
      }
      ::close(client);
    }
  }
  static Request read(int client) {
    std::string bytes;
    const auto more = [&] {
      char part[4096];
      const auto count = ::recv(client, part, sizeof part, 0);
      if (count > 0) bytes.append(part, static_cast<std::size_t>(count));
      return count > 0;
    };
    std::size_t end = std::string::npos;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos && more()) {
    }
    if (end == std::string::npos) return {bytes, {}};
    const std::size_t at = bytes.find("Content-Length: ");
    const std::size_t length = at < end ? std::stoul(bytes.substr(at + 16)) : 0;
    while (bytes.size() < end + 4 + length && more()) {
    }
    return {bytes.substr(0, end), bytes.substr(end + 4)};
  }

  const Answer answer_;
  int socket_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace tulving::testing
