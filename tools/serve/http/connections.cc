#include "tools/serve/http/connections.h"

#include <sys/socket.h>
#include <unistd.h>

namespace tulving::serve::http {
namespace {

Peer peer_of(int socket) {
  Peer peer;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(socket, any, &size) != 0 || address.ss_family != AF_UNIX) return peer;
  peer.is_unix = true;
  ucred credentials{};
  size = sizeof credentials;
  peer.is_owner = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
                  credentials.uid == geteuid();
  return peer;
}

}  // namespace

Connections::Connections(std::chrono::milliseconds every)
    : every_(every), thread_([this] { run(); }) {}

Connections::~Connections() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_all();
  thread_.join();
  for (Connection* connection : open_) delete connection;
}

Connection* Connections::open(int socket) {
  auto* connection = new Connection{.socket = socket, .peer = peer_of(socket)};
  const std::lock_guard lock(mutex_);
  open_.insert(connection);
  return connection;
}

void Connections::closed(Connection* connection) {
  const std::lock_guard lock(mutex_);
  open_.erase(connection);
  delete connection;
}

void Connections::run() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    wake_.wait_for(lock, every_);
    cut_late();
  }
}

// The library sees the end of the connection, and closes it.
void Connections::cut_late() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  for (Connection* connection : open_) {
    const auto cut_at = connection->cut_at.load();
    if (cut_at == 0 || cut_at > now) continue;
    shutdown(connection->socket, SHUT_RDWR);
    connection->cut_at = 0;
  }
}

}  // namespace tulving::serve::http
