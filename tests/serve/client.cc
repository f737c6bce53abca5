#include "tests/serve/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <sstream>

namespace tulving::testing {
namespace {

int connected(const sockaddr* address, socklen_t size) {
  const int made = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  const timeval patience{30, 0};
  setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1, few = 64 << 10;
  // So that the system keeps little of what nobody reads.
  setsockopt(made, SOL_SOCKET, SO_RCVBUF, &few, sizeof few);
  if (address->sa_family == AF_INET) setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(made, address, size) == 0) return made;
  close(made);
  return -1;
}

}  // namespace

std::vector<Json> Reply::lines() const {
  std::vector<Json> all;
  std::istringstream in(body);
  for (std::string line; std::getline(in, line);) {
    all.push_back(Json::parse(line, nullptr, false));
  }
  return all;
}

Client::Client(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socket_ = connected(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Client::Client(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  socket_ = connected(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Client::~Client() {
  if (socket_ >= 0) close(socket_);
}

bool Client::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

bool Client::hears_within(std::chrono::milliseconds time) {
  pollfd ready{socket_, POLLIN, 0};
  return poll(&ready, 1, static_cast<int>(time.count())) > 0;
}

void Client::half_close() { shutdown(socket_, SHUT_WR); }

bool Client::fill() {
  std::array<char, 65536> bytes{};
  const ssize_t n = recv(socket_, bytes.data(), bytes.size(), 0);
  if (n <= 0) {
    is_at_end_ = n == 0 || errno == ECONNRESET;
    return false;
  }
  buffer_.append(bytes.data(), static_cast<std::size_t>(n));
  return true;
}

bool Client::is_closed() {
  while (fill()) {
  }
  return is_at_end_;
}

std::string Client::take_line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

std::string Client::take(std::size_t bytes) {
  while (buffer_.size() < bytes && fill()) {
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, taken.size());
  return taken;
}

std::string Client::take_chunks() {
  std::string body;
  while (true) {
    const std::string size = take_line();
    const std::size_t bytes = size.empty() ? 0 : std::stoul(size, nullptr, 16);
    if (size.empty()) return body + "(cut)";
    body += take(bytes);
    take_line();
    if (bytes == 0) return body;
  }
}

Reply Client::read(bool of_head) {
  Reply reply;
  std::string line = take_line();
  if (line.size() < 12) return reply;
  reply.status = std::stoi(line.substr(9, 3));
  while (!(line = take_line()).empty()) {
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    reply.headers[name] = line.substr(colon + 2);
  }
  if (reply.status == 100) return read(of_head);
  if (of_head) return reply;
  if (reply.headers.contains("transfer-encoding")) {
    reply.body = take_chunks();
  } else if (reply.headers.contains("content-length")) {
    reply.body = take(std::stoul(reply.headers["content-length"]));
  }
  return reply;
}

Reply Client::ask(const std::string& method, const std::string& target, const std::string& body,
                  const Headers& headers) {
  std::string text = method + " " + target + " HTTP/1.1\r\n";
  bool has_host = false, has_type = false;
  for (const auto& [name, value] : headers) {
    text += name + ": " + value + "\r\n";
    has_host = has_host || name == "Host";
    has_type = has_type || name == "Content-Type";
  }
  if (!has_host) text += "Host: localhost\r\n";
  if (!body.empty()) {
    if (!has_type) text += "Content-Type: application/json\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  send(text + "\r\n" + body);
  return read(method == "HEAD");
}

}  // namespace tulving::testing
