#include "tools/serve/rest/routes.h"

#include <algorithm>
#include <array>

#include "tools/serve/http/message.h"

namespace tulving::serve::rest {
namespace {

constexpr std::string_view kTenants = "/v1/tenants/";
constexpr std::string_view kStore = "/v1/store/";

const Param* tenant_of(const Operation& operation) {
  const auto found = std::ranges::find(operation.params, "tenant_id", &Param::name);
  return found == operation.params.end() ? nullptr : &*found;
}

std::string suffix_of(const Operation& operation, Place place) {
  std::string_view name = operation.name;
  const std::string_view own = place == Place::kStore ? "store." : "tenant.";
  if (name.starts_with(own)) name.remove_prefix(own.size());
  std::string path(name);
  std::ranges::replace(path, '.', '/');
  return path;
}

// They answer in microseconds: it takes longer to hand them to another thread.
constexpr std::array<std::string_view, 7> kQuick = {
    "search",         "related",        "memory.get",  "memory.list",
    "memory.history", "memory.lineage", "memory.decay"};
// Their work is by the tenant or the store, not by the record.
constexpr std::array<std::string_view, 17> kHeavy = {
    "changes",      "clusters", "consolidate", "consolidation.scan",
    "decay",        "gc",       "holdable",    "hydrate",
    "notes.follow", "snapshot", "sync",        "tenants",
    "tracker.",     "plan.",    "store.",      "reembed",
    "tenant."};

bool names(std::span<const std::string_view> list, std::string_view name) {
  return std::ranges::any_of(list, [name](std::string_view one) {
    return one.ends_with('.') ? name.starts_with(one) : name == one;
  });
}

}  // namespace

bool has_path(const Operation& operation, Place place) {
  const Param* tenant = tenant_of(operation);
  return place == Place::kTenant ? tenant != nullptr : tenant == nullptr || !tenant->is_required;
}

std::string path_of(const Operation& operation, Place place) {
  return std::string(place == Place::kTenant ? "/v1/tenants/{tenant}/" : kStore) +
         suffix_of(operation, place);
}

bool takes_lines(const Operation& operation) {
  return operation.stream != nullptr && !operation.line_in.help.empty();
}

bool takes_get(const Operation& operation) {
  // A snapshot changes nothing in the store, but writes files.
  return operation.effect == Effect::kRead && operation.is_idempotent && !takes_lines(operation) &&
         operation.name != "tracker.export";
}

http::Lane lane_of(const Operation& operation, bool embeds) {
  if (operation.stream != nullptr || names(kHeavy, operation.name)) return http::Lane::kHeavy;
  const bool is_quick = operation.effect == Effect::kRead &&
                        (names(kQuick, operation.name) || operation.name.ends_with(".get") ||
                         operation.name.ends_with(".list"));
  const bool waits = embeds && operation.name == "search";
  return is_quick && !waits ? http::Lane::kInline : http::Lane::kWorker;
}

Routes::Routes(std::span<const Operation> more) {
  for (const auto table : {operation_table(), more}) {
    for (const Operation& operation : table) {
      if (has_path(operation, Place::kTenant)) {
        of_tenant_.emplace(suffix_of(operation, Place::kTenant), &operation);
      }
      if (has_path(operation, Place::kStore)) {
        of_store_.emplace(suffix_of(operation, Place::kStore), &operation);
      }
    }
  }
}

std::optional<Route> Routes::find(std::string_view path) const {
  const auto look = [](const Paths& paths, std::string_view suffix) {
    const auto found = paths.find(suffix);
    return found == paths.end() ? nullptr : found->second;
  };
  if (path.starts_with(kStore)) {
    const Operation* operation = look(of_store_, path.substr(kStore.size()));
    return operation == nullptr ? std::nullopt : std::optional(Route{operation, {}});
  }
  if (!path.starts_with(kTenants)) return std::nullopt;
  path.remove_prefix(kTenants.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Route route;
  if (!http::unescape(path.substr(0, slash), route.tenant_id) || route.tenant_id.empty()) return {};
  route.operation = look(of_tenant_, path.substr(slash + 1));
  return route.operation == nullptr ? std::nullopt : std::optional(std::move(route));
}

}  // namespace tulving::serve::rest
