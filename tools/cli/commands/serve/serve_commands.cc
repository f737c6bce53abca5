// serve: one process owns the store, many clients reach it.

#include <fmt/core.h>

#include <chrono>
#include <cstdio>

#include "tools/cli/call/operation_call.h"
#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/serve/auth/token_file.h"
#include "tools/serve/site/run.h"

namespace tulving::tools {
namespace {

struct ServeCommand {
  std::string store;
  std::string host = "127.0.0.1";
  std::uint16_t port = serve::kDefaultPort;
  bool no_tcp = false;
  std::string socket, tokens;
  bool no_socket = false, socket_needs_token = false;
  std::vector<std::string> hosts, origins;
  std::string default_tenant = "default";
  double rate = 0;
  std::uint64_t body_max = 8 << 20, lines_max = 64 << 20;
  std::uint32_t connections_max = 512, idle_seconds = 30, drain_seconds = 30, threads = 0,
                idle_end_seconds = 0;
  bool log_requests = false, metrics_by_tenant = false;
};

serve::SiteOptions site_options(const ServeCommand& command, const std::string& db) {
  serve::SiteOptions options;
  options.has_tcp = !command.no_tcp;
  options.host = command.host;
  options.port = command.port;
  if (!command.no_socket) {
    options.socket = command.socket;
    if (command.socket.empty()) options.socket = serve::socket_beside(db);
  }
  options.tokens = command.tokens;
  if (command.tokens.empty()) options.tokens = serve::auth::tokens_beside(db);
  options.drain_time = std::chrono::seconds(command.drain_seconds);
  options.http.connections_max = command.connections_max;
  options.http.idle_time = std::chrono::seconds(command.idle_seconds);
  options.http.threads = command.threads;
  options.gateway.version = TULVING_VERSION;
  options.gateway.body_max = command.body_max;
  options.gateway.lines_max = command.lines_max;
  options.gateway.rate = command.rate;
  options.gateway.metrics_by_tenant = command.metrics_by_tenant;
  options.gateway.logs_requests = command.log_requests;
  options.gateway.trusts_owner = !command.socket_needs_token;
  options.gateway.default_tenant = command.default_tenant;
  options.gateway.hosts.hosts = command.hosts;
  options.gateway.hosts.origins = command.origins;
  return options;
}

/// Where it listens, a line each, for who started it.
void print_listeners(const serve::Site& site, bool as_json) {
  std::vector<std::string> places;
  for (const serve::http::Listener& listener : site.server().listeners()) {
    const bool is_six = listener.host().find(':') != std::string::npos;
    const std::string host = is_six ? "[" + listener.host() + "]" : listener.host();
    places.push_back(listener.path().empty() ? fmt::format("http://{}:{}", host, listener.port())
                                             : "unix:" + listener.path());
  }
  if (as_json) {
    std::string text;
    tulving::json::ObjectWriter out(text);
    out.member("listening", places);
    out.close();
    print_json_line(text);
  } else {
    for (const std::string& place : places) fmt::print("{}\n", shown(place));
  }
  std::fflush(stdout);
}

Result<int> run_serve(const GlobalOptions& given, const ServeCommand& command) {
  GlobalOptions globals = given;
  if (!command.store.empty()) globals.db = command.store;
  serve::hold_signals();
  auto store = open_store(globals, Access::kCreate, Embeds::kStays);
  if (!store) return store.error();
  auto site = serve::Site::start(Service(*std::move(store), {.more = more_operations()}),
                                 site_options(command, globals.db));
  if (!site) return site.error();
  print_listeners(**site, globals.json);
  if (auto status =
          serve::run_until_signalled(**site, std::chrono::seconds(command.idle_end_seconds));
      !status)
    return status.error();
  return kDone;
}

void add_limits(CLI::App* serve, const std::shared_ptr<ServeCommand>& options) {
  serve->add_option("--rate", options->rate, "Requests a second and token; 0: any")->type_name("N");
  serve->add_option("--body-max", options->body_max, "Longest body of a call")
      ->capture_default_str()
      ->type_name("BYTES");
  serve->add_option("--lines-max", options->lines_max, "Longest body of lines, of an import say")
      ->capture_default_str()
      ->type_name("BYTES");
  serve->add_option("--connections-max", options->connections_max, "Connections, a socket")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  serve->add_option("--idle-seconds", options->idle_seconds, "A silent connection is closed after")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  serve
      ->add_option("--drain-seconds", options->drain_seconds,
                   "What requests under way are given when it ends")
      ->capture_default_str()
      ->type_name("N");
  serve
      ->add_option("--end-when-idle", options->idle_end_seconds,
                   "Ends after so many seconds without a request; 0: never")
      ->type_name("N");
  serve
      ->add_option("--threads", options->threads,
                   "That read and write connections, a socket; 0: one a processor")
      ->type_name("N");
}

void add_doors(CLI::App* serve, const std::shared_ptr<ServeCommand>& options) {
  serve
      ->add_option("--listen", options->host,
                   "Address of IPv4 or IPv6; one that other machines reach needs tokens")
      ->capture_default_str()
      ->type_name("ADDRESS");
  serve->add_option("--port", options->port, "0: any that is free, which is printed")
      ->capture_default_str()
      ->type_name("PORT");
  serve->add_flag("--no-tcp", options->no_tcp, "The unix socket alone");
  serve->add_option("--socket", options->socket, "The unix socket; default: STORE.sock")
      ->check(check_not_empty)
      ->type_name("FILE");
  serve->add_flag("--no-socket", options->no_socket, "No unix socket");
  serve->add_flag("--socket-needs-token", options->socket_needs_token,
                  "There, too, its owner needs a token");
  serve->add_option("--tokens", options->tokens, "File of tokens; default: STORE.tokens")
      ->check(check_not_empty)
      ->type_name("FILE");
  serve
      ->add_option("--allow-host", options->hosts,
                   "A name that requests may be for, beside localhost; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME");
  serve
      ->add_option("--allow-origin", options->origins,
                   "A site whose pages may ask, https://app.example say; may be repeated")
      ->allow_extra_args(false)
      ->type_name("ORIGIN");
}

}  // namespace

void add_serve_command(const CommandLine& line) {
  auto options = std::make_shared<ServeCommand>();
  CLI::App* serve = add_command(
      line.app, line, "serve",
      "Serves the store over HTTP until SIGTERM; see tools/serve/README.md", options, run_serve);
  serve->add_option("STORE", options->store, "Its directory, in place of --db; made if missing")
      ->check(check_not_empty)
      ->type_name("");
  add_doors(serve, options);
  add_limits(serve, options);
  serve
      ->add_option("--default-tenant", options->default_tenant,
                   "Of clients of /mcp and /mem0 that name none and whose token is for all")
      ->capture_default_str()
      ->type_name("ID");
  serve->add_flag("--log-requests", options->log_requests,
                  "A line on stderr for each request; else for those that fail or take a second");
  serve->add_flag("--metrics-by-tenant", options->metrics_by_tenant,
                  "Rows of tenants in /metrics, with their names");
}

}  // namespace tulving::tools
