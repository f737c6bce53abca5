#include "tools/serve/site/run.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tools/serve/log/json_log.h"

namespace tulving::serve {
namespace {

sigset_t our_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

/// sd_notify(3): a datagram to the socket that the environment names.
void tell_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || std::strlen(path) >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // An abstract one.
  const int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (out < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  static_cast<void>(sendto(out, state.data(), state.size(), MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), size));
  close(out);
}

void reload(Site& site) {
  const Status status = site.reload();
  log_event(status ? "info" : "error", "tokens_read", [&](json::ObjectWriter& out) {
    if (!status) out.member("error", status.error().message);
  });
}

void log_listening(const Site& site) {
  log_event("info", "listening", [&](json::ObjectWriter& out) {
    for (const http::Listener& listener : site.server().listeners()) {
      if (listener.path().empty()) {
        out.member("host", listener.host());
        out.member("port", std::uint64_t{listener.port()});
      } else {
        out.member("socket", listener.path());
      }
    }
  });
}

}  // namespace

void hold_signals() {
  const sigset_t signals = our_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A client that goes away is an error of the write, no end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

Status run_until_signalled(Site& site, std::chrono::seconds idle_max) {
  log_listening(site);
  tell_manager("READY=1");
  const sigset_t signals = our_signals();
  while (idle_max.count() == 0 || site.idle_time() < idle_max) {
    constexpr timespec kLook{1, 0};
    const int signal = sigtimedwait(&signals, nullptr, &kLook);
    if (signal == SIGHUP) reload(site);
    if (signal > 0 && signal != SIGHUP) break;
  }
  log_event("info", "ending");
  tell_manager("STOPPING=1");
  Status status = site.end();
  log_event(status ? "info" : "error", "ended", [&](json::ObjectWriter& out) {
    out.member("revision", site.store().revision());
    if (!status) out.member("error", status.error().message);
  });
  return status;
}

}  // namespace tulving::serve
