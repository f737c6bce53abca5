#pragma once

#include <string>
#include <string_view>

#include "tools/serve/calls/calls.h"
#include "tools/serve/http/message.h"
#include "tools/serve/mcp/protocol/tool.h"

namespace tulving::serve::mem0 {

/// The paths of Mem0's open server, under /mem0, for programs that speak to it: POST, GET and
/// DELETE /memories; GET, PUT and DELETE /memories/{id}; /memories/{id}/history; POST /search; POST
/// /reset. What it is told is kept as it was said: no model makes facts of it. Thread-safe.
class Mem0Api {
 public:
  explicit Mem0Api(Calls& calls) : calls_(calls) {}

  /// The methods of a path, "GET, POST"; empty: it is none.
  [[nodiscard]] static std::string_view methods_of(std::string_view path);

  /// A request with one of the path's methods.
  [[nodiscard]] http::Response answer(const http::Request& request, const auth::Access& access,
                                      const std::string& tenant_id);

 private:
  Calls& calls_;
};

}  // namespace tulving::serve::mem0
