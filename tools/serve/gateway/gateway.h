#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "tools/serve/auth/gatekeeper.h"
#include "tools/serve/auth/rate_limit.h"
#include "tools/serve/calls/calls.h"
#include "tools/serve/gateway/hosts.h"
#include "tools/serve/http/handler.h"
#include "tools/serve/mcp/http/endpoint.h"
#include "tools/serve/mcp/tools/toolboxes.h"
#include "tools/serve/mem0/mem0_api.h"
#include "tools/serve/rest/rest_api.h"

namespace tulving::serve {

struct GatewayOptions {
  std::string version = "0";
  std::size_t body_max = 8 << 20;    ///< Of a call.
  std::size_t lines_max = 64 << 20;  ///< Of a stream's lines.
  double rate = 0;                   ///< Requests a second and token; 0: any.
  bool metrics_by_tenant = false;
  bool logs_requests = false;  ///< Each; else those that failed and those that took a second.
  /// The owner of the unix socket's file needs no token there.
  bool trusts_owner = true;
  std::string default_tenant = "default";  ///< Of /mcp and /mem0, where none is named.
  mcp::Endpoint::Catalogs mcp_catalogs = &mcp::catalog_of;
  Hosts hosts = {};
};

/// All that the server answers: what may come in, who asks, what is meant.
class Gateway : public http::Handler {
 public:
  /// All must outlive it.
  Gateway(Calls& calls, auth::Gatekeeper& gatekeeper, GatewayOptions options);

  http::Admission admit(const http::RequestHead& head) override;
  http::Response answer(http::Request& request, http::ResponseStream& stream) override;
  http::Response refuse(int status, std::string_view why) override;

  /// Since the last request that was more than a look at its health.
  [[nodiscard]] std::chrono::nanoseconds idle_time() const;

 private:
  enum class Target : std::uint8_t {
    kLive,
    kReady,
    kVersion,
    kMetrics,
    kOpenApi,
    kMcp,
    kMem0,
    kOperation
  };
  struct Admitted;

  [[nodiscard]] bool find_target(const http::RequestHead& head, Admitted& out) const;
  /// Who asks; empty with a refusal.
  std::optional<http::Response> let_in(const http::RequestHead& head, Admitted& out);
  std::optional<http::Response> check_method(const http::RequestHead& head,
                                             const Admitted& admitted) const;
  [[nodiscard]] static std::string methods_of(const http::RequestHead& head,
                                              const Admitted& admitted);
  http::Response answer_mem0(const Admitted& admitted, const http::Request& request);
  [[nodiscard]] http::Response ready() const;
  http::Response metrics() const;
  http::Response dispatch(const Admitted& admitted, http::Request& request,
                          http::ResponseStream& stream);
  void log(const Admitted& admitted, const http::Request& request, int status) const;

  Calls& calls_;
  auth::Gatekeeper& gatekeeper_;
  const GatewayOptions options_;
  auth::RateLimit rate_;
  rest::RestApi rest_;
  mcp::Endpoint mcp_;
  mem0::Mem0Api mem0_;
  const std::string openapi_;
  std::atomic<std::int64_t> last_request_;  // steady_clock's count.
};

}  // namespace tulving::serve
