#pragma once

#include "bench/year/options.h"
#include "bench/year/process.h"

namespace tulving::bench {

/// Which parts of a load are wanted.
struct LoadParts {
  bool fill = true;   ///< Add what the store does not hold yet.
  bool index = true;  ///< Wait until its graphs are built.
};

/// Brings the store to what `loads` say, and closes it. What is there already stays: each tenant
/// holds the first so many of its memories, since they are added in order, all or none of a batch,
/// and so goes on from there, after a kill too. Figures: "open_seconds", "tenants_there"
/// (when it was opened), "had", "added", "fill_seconds", "index_seconds", "close_seconds",
/// "stopped", "rss_bytes", "highest_rss_bytes".
///
/// Fails where the store holds memories of another corpus.
Figures load_store(const YearOptions& options, const std::vector<TenantLoad>& loads,
                   LoadParts parts);

}  // namespace tulving::bench
