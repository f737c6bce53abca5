#include "tools/serve/http/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tulving::serve::http {
namespace {

constexpr int kWaiting = 511;  // Connections that the system keeps until they are accepted.

Error system_error(const std::string& what, int cause) {
  return {cause == EADDRINUSE ? ErrorCode::kBusy : ErrorCode::kIo,
          fmt::format("cannot listen on {}: {}", what, std::strerror(cause))};
}

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

bool read_address(const std::string& host, std::uint16_t port, Address& out) {
  auto* four = reinterpret_cast<sockaddr_in*>(&out.bytes);
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    out.size = sizeof(sockaddr_in);
    return true;
  }
  auto* six = reinterpret_cast<sockaddr_in6*>(&out.bytes);
  if (inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) != 1) return false;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons(port);
  out.size = sizeof(sockaddr_in6);
  return true;
}

Result<Address> unix_address(const std::string& path) {
  Address address;
  auto* local = reinterpret_cast<sockaddr_un*>(&address.bytes);
  if (path.empty() || path.size() >= sizeof local->sun_path) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("a socket's path has 1 to {} bytes; {} has {}",
                             sizeof local->sun_path - 1, path, path.size()),
                 "socket"};
  }
  local->sun_family = AF_UNIX;
  std::memcpy(local->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

/// Takes away what a server left that is gone. Who is here first is for the store's lock to say:
/// two that serve one store do not come this far.
Status make_room(const std::string& path, const Address& address) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} is there, and no socket", path),
                 "socket"};
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return system_error(path, errno);
  const bool is_alive = connect(probe, address.get(), address.size) == 0;
  close(probe);
  if (is_alive) {
    return Error{ErrorCode::kBusy, fmt::format("another server listens on {}", path), "socket"};
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(path, errno);
  return {};
}

}  // namespace

Listener::Listener(Listener&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      port_(other.port_),
      path_(std::exchange(other.path_, {})),
      host_(std::move(other.host_)) {}

Listener::~Listener() {
  remove_file();
  if (socket_ >= 0) close(socket_);
}

void Listener::remove_file() {
  if (!path_.empty()) unlink(path_.c_str());
  path_.clear();
}

Result<Listener> Listener::tcp(const std::string& host, std::uint16_t port) {
  Address address;
  if (!read_address(host, port, address)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is no address; must be one of IPv4 or IPv6", host), "listen"};
  }
  const std::string what = fmt::format("{} port {}", host, port);
  Listener listener(
      ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.socket_ < 0) return system_error(what, errno);
  const int on = 1;
  setsockopt(listener.socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener.socket_, address.get(), address.size) != 0 ||
      listen(listener.socket_, kWaiting) != 0 ||
      getsockname(listener.socket_, address.get(), &address.size) != 0) {
    return system_error(what, errno);
  }
  listener.host_ = host;
  listener.port_ = ntohs(address.bytes.ss_family == AF_INET
                             ? reinterpret_cast<sockaddr_in*>(&address.bytes)->sin_port
                             : reinterpret_cast<sockaddr_in6*>(&address.bytes)->sin6_port);
  return listener;
}

Result<Listener> Listener::unix_socket(const std::string& path) {
  auto address = unix_address(path);
  if (!address) return address.error();
  if (auto status = make_room(path, *address); !status) return status.error();
  Listener listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.socket_ < 0) return system_error(path, errno);
  // Before bind(): the file has this mode from its first moment on, whatever the umask says.
  if (fchmod(listener.socket_, 0600) != 0 ||
      bind(listener.socket_, address->get(), address->size) != 0) {
    return system_error(path, errno);
  }
  listener.path_ = path;
  if (chmod(path.c_str(), 0600) != 0 || listen(listener.socket_, kWaiting) != 0) {
    return system_error(path, errno);
  }
  return listener;
}

bool is_loopback(const std::string& host) {
  Address address;
  if (!read_address(host, 0, address)) return false;
  if (address.bytes.ss_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(&address.bytes);
    return (ntohl(four->sin_addr.s_addr) >> 24U) == 127;
  }
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&address.bytes);
  return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

}  // namespace tulving::serve::http
