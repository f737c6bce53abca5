#include "bench/year/options.h"

#include <fmt/core.h>

namespace tulving::bench {

std::vector<TenantLoad> tenant_loads(const YearOptions& options) {
  if (options.tenants == 0) return {{.tenant = "year", .first = 0, .memories = options.memories}};
  std::vector<TenantLoad> loads = {
      {.tenant = "large", .first = 0, .memories = options.large_memories}};
  for (std::uint64_t i = 1; i <= options.tenants; ++i) {
    // Numbers of their own: no two tenants hold the same memory.
    loads.push_back({.tenant = fmt::format("tiny{:07}", i),
                     .first = i << 32,
                     .memories = options.tenant_memories});
  }
  return loads;
}

Result<Store> open_store(const YearOptions& options, bool create) {
  StoreOptions store_options;
  store_options.create_if_missing = create;
  store_options.durability = Durability::kProcess;
  store_options.sync_interval_ms = options.sync_interval_ms;
  store_options.vectors = options.vectors;
  return Store::open(options.store, store_options);
}

void print_error(const Error& error) { fmt::print(stderr, "bench_year: {}\n", error.message); }

}  // namespace tulving::bench
