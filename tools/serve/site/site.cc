#include "tools/serve/site/site.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "tools/serve/auth/token_file.h"

namespace tulving::serve {
namespace {

Result<std::vector<http::Listener>> listen(const SiteOptions& options) {
  std::vector<http::Listener> listeners;
  if (options.has_tcp) {
    auto tcp = http::Listener::tcp(options.host, options.port);
    if (!tcp) return tcp.error();
    listeners.push_back(*std::move(tcp));
  }
  if (!options.socket.empty()) {
    auto local = http::Listener::unix_socket(options.socket.string());
    if (!local) return local.error();
    listeners.push_back(*std::move(local));
  }
  if (!listeners.empty()) return listeners;
  return Error{ErrorCode::kInvalidArgument, "there is neither a port nor a socket to listen on",
               "listen"};
}

}  // namespace

std::filesystem::path socket_beside(const std::filesystem::path& store) {
  return auth::tokens_beside(store).replace_extension(".sock");
}

Site::Site(Service service, SiteOptions options)
    : options_(std::move(options)),
      service_(std::move(service)),
      metrics_(service_.options().more),
      calls_(service_, metrics_, health_) {}

Result<std::unique_ptr<Site>> Site::start(Service service, SiteOptions options) {
  const bool is_far = options.has_tcp && !http::is_loopback(options.host);
  if (is_far) options.gateway.hosts.any_host = options.gateway.hosts.hosts.empty();
  std::unique_ptr<Site> site(new Site(std::move(service), std::move(options)));
  auto gatekeeper = auth::Gatekeeper::open(site->options_.tokens);
  if (!gatekeeper) return gatekeeper.error();
  site->gatekeeper_ = *std::move(gatekeeper);
  if (is_far && !site->gatekeeper_->needs_tokens()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is an address that other machines reach, and there are no tokens; "
                             "make one first: tulving token create",
                             site->options_.host),
                 "listen"};
  }
  auto listeners = listen(site->options_);
  if (!listeners) return listeners.error();
  site->gateway_.emplace(site->calls_, *site->gatekeeper_, site->options_.gateway);
  auto server = http::Server::start(*std::move(listeners), *site->gateway_, site->options_.http);
  if (!server) return server.error();
  site->server_ = *std::move(server);
  return site;
}

Site::~Site() {
  const Status ignored = end();
  static_cast<void>(ignored);
}

std::uint16_t Site::port() const {
  for (const http::Listener& listener : server_->listeners()) {
    if (listener.port() != 0) return listener.port();
  }
  return 0;
}

Status Site::end() {
  health_.drain();
  if (server_ != nullptr) {
    server_->quiesce();
    static_cast<void>(server_->wait_until_idle(options_.drain_time));
    server_->stop();
  }
  return service_.store().close();
}

}  // namespace tulving::serve
