#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tulving::testing {

/// What a PostgreSQL server does until it has the password, and no more: asks for it in clear,
/// keeps it, and refuses it; or never says a word.
class PostgresDouble {
 public:
  explicit PostgresDouble(bool is_silent = false)
      : is_silent_(is_silent), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 8) != 0) std::abort();
    ::getsockname(listener_, raw, &size);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~PostgresDouble() {
    is_over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (const int one : open_) ::close(one);
    ::close(listener_);
  }
  PostgresDouble(const PostgresDouble&) = delete;
  PostgresDouble& operator=(const PostgresDouble&) = delete;

  [[nodiscard]] const std::string& port() const { return port_; }
  /// Connections so far.
  [[nodiscard]] int visits() const { return visits_; }
  /// What was given for a password, in order.
  [[nodiscard]] std::vector<std::string> passwords() {
    const std::lock_guard lock(mutex_);
    return passwords_;
  }

 private:
  static bool take(int peer, void* into, std::size_t bytes) {
    return ::recv(peer, into, bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes);
  }
  static std::string take_message(int peer) {
    std::uint32_t size = 0;
    if (!take(peer, &size, sizeof size)) return {};
    std::string body(std::min<std::size_t>(ntohl(size), 65'536) - sizeof size, '\0');
    return take(peer, body.data(), body.size()) ? body : std::string();
  }
  static void give(int peer, std::string_view bytes) {
    (void)::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  void serve() {
    while (!is_over_) {
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) continue;
      ++visits_;
      open_.push_back(peer);
      if (is_silent_) continue;
      converse(peer);
      ::shutdown(peer, SHUT_RDWR);
    }
  }
  void converse(int peer) {
    constexpr std::string_view kSslRequest{"\x04\xd2\x16\x2f", 4};
    constexpr std::string_view kGssRequest{"\x04\xd2\x16\x30", 4};
    std::string said = take_message(peer);
    while (said.starts_with(kSslRequest) || said.starts_with(kGssRequest)) {
      give(peer, "N");
      said = take_message(peer);
    }
    give(peer, {"R\0\0\0\x08\0\0\0\x03", 9});  // In clear, please.
    char type = 0;
    if (!take(peer, &type, 1) || type != 'p') return;
    said = take_message(peer);
    {
      const std::lock_guard lock(mutex_);
      passwords_.emplace_back(said.c_str());
    }
    constexpr std::string_view kFields{"SFATAL\0C28P01\0Mit is refused\0\0", 30};
    std::string error{"E\0\0\0", 4};
    error += static_cast<char>(kFields.size() + 4);
    give(peer, error.append(kFields));
  }

  const bool is_silent_;
  const int listener_;
  std::string port_;
  std::atomic<bool> is_over_ = false;
  std::atomic<int> visits_ = 0;
  std::mutex mutex_;
  std::vector<std::string> passwords_;
  std::vector<int> open_;
  std::thread thread_;
};

}  // namespace tulving::testing
