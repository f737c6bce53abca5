#include "tools/serve/gateway/gateway.h"

#include <array>
#include <chrono>
#include <utility>

#include "tools/serve/log/json_log.h"
#include "tools/serve/rest/openapi.h"
#include "tools/serve/rest/problem.h"

namespace tulving::serve {

using http::Response;
using rest::problem;

/// What admit() found out about a request.
struct Gateway::Admitted {
  Target target = Target::kLive;
  rest::Route route;
  auth::Access access;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

namespace {

constexpr std::array<std::string_view, 4> kTokenNames = {"token", "access_token", "api_key",
                                                         "authorization"};

bool has_token_in_query(const http::RequestHead& head) {
  for (const auto& [name, value] : head.query) {
    for (const std::string_view one : kTokenNames) {
      if (http::same_name(name, one) || value.find("tlv_") != std::string::npos) return true;
    }
  }
  return false;
}

Response json_response(std::string body, const char* type = rest::kJson) {
  return {.headers = {{"Content-Type", type}}, .body = std::move(body)};
}

bool has_body(const http::RequestHead& head) {
  const std::string* length = head.header("Content-Length");
  return head.header("Transfer-Encoding") != nullptr || (length != nullptr && *length != "0");
}

/// Without its parameters: "application/json; charset=utf-8".
bool is_type(std::string_view given, std::string_view wanted) {
  given = given.substr(0, given.find(';'));
  while (given.ends_with(' ')) given.remove_suffix(1);
  return http::same_name(given, wanted);
}

Response no_token(std::string_view why) {
  Response response = problem(401, why);
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"tulving\"");
  return response;
}

/// What lets a browser hand the answer to the page that asked.
void let_read(Response& response, const std::string* reader) {
  if (reader == nullptr) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", *reader);
  response.headers.emplace_back("Access-Control-Expose-Headers", "Tulving-Revision");
  response.headers.emplace_back("Vary", "Origin");
}

/// A browser asks first, without a token, whether it may ask.
Response may_ask(const std::string& reader) {
  Response response{.status = 204};
  let_read(response, &reader);
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "Authorization, Content-Type, Idempotency-Key, If-Match, "
                                "Tulving-Deadline-Ms, Tulving-Tenant, MCP-Protocol-Version, "
                                "Mcp-Method, Mcp-Name");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

/// The stream of a response that a page may read.
class ReadStream : public http::ResponseStream {
 public:
  ReadStream(http::ResponseStream& out, const std::string* reader) : out_(out), reader_(reader) {}
  void begin(Response head) override {
    let_read(head, reader_);
    out_.begin(std::move(head));
  }
  Status write(std::string_view bytes) override { return out_.write(bytes); }

 private:
  http::ResponseStream& out_;
  const std::string* const reader_;
};

}  // namespace

Gateway::Gateway(Calls& calls, auth::Gatekeeper& gatekeeper, GatewayOptions options)
    : calls_(calls),
      gatekeeper_(gatekeeper),
      options_(std::move(options)),
      rate_(options_.rate),
      rest_(calls),
      mcp_(calls, options_.version, options_.default_tenant, options_.mcp_catalogs),
      mem0_(calls),
      openapi_(rest::openapi(options_.version, calls.service().options().more)),
      last_request_(std::chrono::steady_clock::now().time_since_epoch().count()) {}

std::chrono::nanoseconds Gateway::idle_time() const {
  return std::chrono::steady_clock::now().time_since_epoch() -
         std::chrono::steady_clock::duration(last_request_.load());
}

bool Gateway::find_target(const http::RequestHead& head, Admitted& out) const {
  struct Named {
    std::string_view path;
    Target target;
  };
  constexpr std::array kTargets = {
      Named{"/health/live", Target::kLive}, Named{"/health/ready", Target::kReady},
      Named{"/version", Target::kVersion}, Named{"/metrics", Target::kMetrics},
      Named{"/openapi.json", Target::kOpenApi}};
  for (const Named& one : kTargets) {
    if (head.path != one.path) continue;
    out.target = one.target;
    return true;
  }
  if (mcp::Endpoint::is_path(head.path)) {
    // The other one's messages need no headers, which those between here and far away rely on.
    if (head.path == mcp::Endpoint::kStdioPath && !head.peer.is_unix) return false;
    out.target = Target::kMcp;
    return true;
  }
  if (!mem0::Mem0Api::methods_of(head.path).empty()) {
    out.target = Target::kMem0;
    return true;
  }
  auto route = rest_.routes().find(head.path);
  if (!route) return false;
  out.target = Target::kOperation;
  out.route = *std::move(route);
  return true;
}

std::optional<Response> Gateway::let_in(const http::RequestHead& head, Admitted& out) {
  if (has_token_in_query(head)) {
    return problem(400, "a token in a query ends up in logs; it belongs into Authorization",
                   "Authorization");
  }
  const bool is_open = out.target < Target::kMetrics || out.target == Target::kOpenApi;
  const std::string* header = head.header("Authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (header != nullptr) {
    const bool is_bearer =
        http::same_name(std::string_view(*header).substr(0, kBearer.size()), kBearer);
    const auto access = gatekeeper_.access_of(
        is_bearer ? std::string_view(*header).substr(kBearer.size()) : std::string_view(),
        system_now());
    if (!access || head.count("Authorization") > 1) return no_token("the token is not known");
    out.access = *access;
  } else if (is_open || !gatekeeper_.needs_tokens() ||
             (options_.trusts_owner && head.peer.is_owner)) {
    out.access = {.scopes = auth::kAllScopes};
  } else {
    return no_token("Authorization: Bearer TOKEN is missing");
  }
  if (out.target == Target::kMetrics && !auth::covers(out.access.scopes, auth::kRead)) {
    return problem(403, "metrics need the scope read", "scope");
  }
  if (out.target == Target::kMetrics && !out.access.tenant_id.empty()) {
    return problem(403, "metrics are about the whole store", "tenant_id");
  }
  if (is_open) return std::nullopt;
  const auto wait = rate_.take(out.access.token_id, out.began);
  if (!wait) return std::nullopt;
  Response response = problem(429, "the token asks too often");
  response.headers.emplace_back("Retry-After", std::to_string((wait->count() + 999) / 1000));
  return response;
}

std::string Gateway::methods_of(const http::RequestHead& head, const Admitted& admitted) {
  switch (admitted.target) {
    case Target::kOperation:
      return rest::takes_get(*admitted.route.operation) ? "GET, POST" : "POST";
    case Target::kMcp:
      return "POST";
    case Target::kMem0:
      return std::string(mem0::Mem0Api::methods_of(head.path));
    default:
      return "GET";
  }
}

std::optional<Response> Gateway::check_method(const http::RequestHead& head,
                                              const Admitted& admitted) const {
  const std::string methods = methods_of(head, admitted);
  if ((", " + methods + ",").find(", " + head.method + ",") == std::string::npos) {
    Response response = problem(405, "the method is not one of this path");
    response.headers.emplace_back("Allow", methods);
    return response;
  }
  if (!has_body(head)) return std::nullopt;
  if (head.method == "GET") return problem(400, "GET takes no body");
  const bool is_lines =
      admitted.target == Target::kOperation && rest::takes_lines(*admitted.route.operation);
  const char* wanted = is_lines ? rest::kLines : rest::kJson;
  const std::string* type = head.header("Content-Type");
  if (type != nullptr && is_type(*type, wanted)) return std::nullopt;
  return problem(415, std::string("Content-Type must be ") + wanted);
}

Response Gateway::answer_mem0(const Admitted& admitted, const http::Request& request) {
  const std::string* named = request.head.header("Tulving-Tenant");
  std::string tenant = admitted.access.tenant_id;
  if (tenant.empty()) tenant = named != nullptr ? *named : options_.default_tenant;
  if (named != nullptr && *named != tenant) {
    return problem(403, "the token is another tenant's", "Tulving-Tenant");
  }
  return mem0_.answer(request, admitted.access, tenant);
}

http::Admission Gateway::admit(const http::RequestHead& head) {
  auto admitted = std::make_shared<Admitted>();
  http::Admission admission{.body_max = 0, .lane = http::Lane::kInline};
  admission.refusal = [&]() -> std::optional<Response> {
    if (const auto fault = options_.hosts.fault_of(head)) return problem(403, *fault);
    const std::string* reader = options_.hosts.reader(head);
    if (head.method == "OPTIONS" && reader != nullptr) return may_ask(*reader);
    if (!find_target(head, *admitted)) return problem(404, "there is nothing under this path");
    if (calls_.health().is_draining() && admitted->target >= Target::kMcp) {
      Response response = problem(503, "the server is ending");
      response.closes = true;
      return response;
    }
    if (auto refusal = let_in(head, *admitted)) return refusal;
    return check_method(head, *admitted);
  }();
  if (admission.refusal) {
    rest::add_revision(*admission.refusal, calls_.store());
    if (head.method != "OPTIONS") let_read(*admission.refusal, options_.hosts.reader(head));
    calls_.metrics().count_refused(admission.refusal->status);
  } else if (admitted->target == Target::kOperation) {
    const Operation& operation = *admitted->route.operation;
    admission.body_max = rest::takes_lines(operation) ? options_.lines_max : options_.body_max;
    admission.lane = rest::lane_of(operation, !calls_.store().options().embedders.empty());
  } else if (admitted->target >= Target::kMcp) {
    admission.body_max = options_.body_max;
    admission.lane = http::Lane::kWorker;
  } else if (admitted->target == Target::kMetrics) {
    admission.lane = http::Lane::kWorker;
  }
  if (admitted->target >= Target::kMetrics) {
    last_request_ = std::chrono::steady_clock::now().time_since_epoch().count();
  }
  admission.admitted = std::move(admitted);
  return admission;
}

Response Gateway::ready() const {
  const std::string fault = calls_.health().fault();
  std::string text;
  json::ObjectWriter out(text);
  out.member("ready", fault.empty());
  if (!fault.empty()) out.member("reason", fault);
  out.close();
  Response response = json_response(std::move(text));
  if (!fault.empty()) response.status = 503;
  return response;
}

Response Gateway::metrics() const {
  return json_response(calls_.metrics().exposition({.stats = calls_.store().stats(),
                                                    .is_ready = calls_.health().fault().empty(),
                                                    .by_tenant = options_.metrics_by_tenant,
                                                    .version = options_.version}),
                       "text/plain; version=0.0.4; charset=utf-8");
}

Response Gateway::dispatch(const Admitted& admitted, http::Request& request,
                           http::ResponseStream& stream) {
  switch (admitted.target) {
    case Target::kLive:
      return json_response("{\"live\":true}");
    case Target::kReady:
      return ready();
    case Target::kVersion: {
      std::string text;
      json::ObjectWriter out(text);
      out.member("name", "tulving");
      out.member("version", options_.version);
      out.close();
      return json_response(std::move(text));
    }
    case Target::kMetrics:
      return metrics();
    case Target::kOpenApi:
      return json_response(openapi_);
    case Target::kMcp:
      return mcp_.answer(request, admitted.access, stream);
    case Target::kMem0:
      return answer_mem0(admitted, request);
    case Target::kOperation:
      break;
  }
  return rest_.answer(admitted.route, admitted.access, request, stream);
}

Response Gateway::answer(http::Request& request, http::ResponseStream& stream) {
  const auto& admitted = *static_cast<const Admitted*>(request.admitted.get());
  const std::string* reader = options_.hosts.reader(request.head);
  ReadStream read(stream, reader);
  Response response = dispatch(admitted, request, read);
  let_read(response, reader);
  if (admitted.target != Target::kOperation) rest::add_revision(response, calls_.store());
  log(admitted, request, response.status);
  return response;
}

Response Gateway::refuse(int status, std::string_view why) {
  calls_.metrics().count_refused(status);
  Response response = problem(status, why);
  rest::add_revision(response, calls_.store());
  return response;
}

// The operation and not the path, whose query may hold words; of the request no more than its size.
void Gateway::log(const Admitted& admitted, const http::Request& request, int status) const {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - admitted.began;
  if (!options_.logs_requests && status < 500 && took.count() < 1) return;
  log_event(status >= 500 ? "error" : "info", "request", [&](json::ObjectWriter& out) {
    if (admitted.route.operation != nullptr) {
      out.member("operation", admitted.route.operation->name);
    }
    out.member("status", std::int64_t{status});
    out.member("seconds", took.count());
    out.member("bytes_in", std::uint64_t{request.body.size()});
    if (!admitted.access.token_id.empty()) out.member("token", admitted.access.token_id);
  });
}

}  // namespace tulving::serve
