#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tools/serve/http/handler.h"
#include "tulving/operations.h"

namespace tulving::serve::rest {

// An operation's path is its name with '/' for '.':
//
//   /v1/tenants/{tenant}/memory/add    about one tenant
//   /v1/store/verify                   about the store: "store.verify", and "changes" as
//   /v1/store/changes
//
// One whose tenant may be left out (import, export, search.batch, gc) has both. POST takes its
// parameters as a JSON object; GET, of what reads, as a query. A stream that is given lines takes
// them as its body and its parameters as a query.

/// What a path stands for.
struct Route {
  const Operation* operation = nullptr;
  std::string tenant_id = {};  ///< Empty: the store.
};

enum class Place : std::uint8_t { kTenant, kStore };

/// Whether the operation has a path there.
[[nodiscard]] bool has_path(const Operation& operation, Place place);
/// "/v1/tenants/{tenant}/memory/add".
[[nodiscard]] std::string path_of(const Operation& operation, Place place);
/// Whether its parameters may come as a query, by GET.
[[nodiscard]] bool takes_get(const Operation& operation);
/// Whether its body is lines, and not parameters.
[[nodiscard]] bool takes_lines(const Operation& operation);
/// Where it runs, in a store that has an embedder or none: one may take a network's time.
[[nodiscard]] http::Lane lane_of(const Operation& operation, bool embeds);

/// The paths of all operations.
class Routes {
 public:
  explicit Routes(std::span<const Operation> more);

  /// Empty: no operation's path, or a tenant that is no name.
  [[nodiscard]] std::optional<Route> find(std::string_view path) const;

 private:
  using Paths = std::map<std::string, const Operation*, std::less<>>;
  Paths of_tenant_, of_store_;  // By what follows the tenant, or the store.
};

}  // namespace tulving::serve::rest
