#pragma once

#include "tools/serve/calls/calls.h"
#include "tools/serve/http/handler.h"
#include "tools/serve/rest/routes.h"

namespace tulving::serve::rest {

/// The table of operations over HTTP. Thread-safe.
class RestApi {
 public:
  explicit RestApi(Calls& calls) : calls_(calls), routes_(calls.service().options().more) {}

  [[nodiscard]] const Routes& routes() const { return routes_; }

  /// Calls what `route` stands for.
  http::Response answer(const Route& route, const auth::Access& access,
                        const http::Request& request, http::ResponseStream& stream);

 private:
  http::Response answer_stream(const Route& route, const auth::Access& access, const Call& call,
                               const http::Request& request, http::ResponseStream& stream);

  Calls& calls_;
  const Routes routes_;
};

/// The headers that every answer has: the store's revision.
void add_revision(http::Response& response, const Store& store);

}  // namespace tulving::serve::rest
