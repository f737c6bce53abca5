#include "tools/serve/http/server.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "tools/serve/http/daemon.h"

namespace tulving::serve::http {

class Server::Impl {
 public:
  Impl(std::vector<Listener> listeners, Handler& handler, const ServerOptions& options)
      : listeners_(std::move(listeners)),
        shared_{.handler = handler,
                .options = options,
                .connections = Connections(every(options)),
                .workers = Workers(options.workers, options.waiting_max),
                .heavy = Workers(options.heavy, options.waiting_max)} {}
  ~Impl() { stop(); }

  Status start() {
    for (const Listener& listener : listeners_) {
      auto daemon = Daemon::start(listener.socket(), shared_);
      if (!daemon) return daemon.error();
      daemons_.push_back(*std::move(daemon));
    }
    return {};
  }

  void quiesce() {
    for (Listener& listener : listeners_) listener.remove_file();
    for (const auto& daemon : daemons_) daemon->quiesce();
  }

  bool wait_until_idle(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (shared_.active > 0) {
      if (std::chrono::steady_clock::now() >= until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  // The lanes first: they wake the connections that sleep, which the library wants before its end.
  void stop() {
    quiesce();
    shared_.gives_up = true;
    shared_.workers.end();
    shared_.heavy.end();
    daemons_.clear();
  }

  [[nodiscard]] const std::vector<Listener>& listeners() const { return listeners_; }

 private:
  static std::chrono::milliseconds every(const ServerOptions& options) {
    const auto shortest = std::min(options.head_time, options.body_time) / 4;
    return std::clamp(shortest, std::chrono::milliseconds(10), std::chrono::milliseconds(1000));
  }

  std::vector<Listener> listeners_;
  Shared shared_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(std::vector<Listener> listeners, Handler& handler,
                                              const ServerOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(listeners), handler, options);
  if (auto status = impl->start(); !status) return status.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::quiesce() { impl_->quiesce(); }
bool Server::wait_until_idle(std::chrono::milliseconds time) {
  return impl_->wait_until_idle(time);
}
void Server::stop() { impl_->stop(); }
const std::vector<Listener>& Server::listeners() const { return impl_->listeners(); }

}  // namespace tulving::serve::http
