#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/year/options.h"

namespace tulving::bench {

/// Searches of one kind that are timed together.
struct SearchSet {
  std::string name;
  std::vector<Tenant> tenants = {};  ///< One for each request.
  std::vector<SearchRequest> requests = {};
};

/// Hybrid, vector and text searches about random memories of `loads`, `options.searches` of each;
/// `name` comes before theirs. With the same seed the same ones.
Result<std::vector<SearchSet>> search_sets(const Store& store, const Corpus& corpus,
                                           std::string_view name, std::span<const TenantLoad> loads,
                                           const YearOptions& options);

/// Times each search, set by set in blocks, round by round, on a thread that is bound to a
/// processor. For each set its name and the medians of the rounds' p50, p95 and p99 in
/// microseconds, of the wall ("p50") and of the thread's own work ("cpu_p50"), and "hits": how many
/// a search found. A search that fails is an error.
Result<nlohmann::json> time_searches(const std::vector<SearchSet>& sets,
                                     const YearOptions& options);

}  // namespace tulving::bench
