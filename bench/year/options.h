#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/year/corpus.h"
#include "tulving/tulving.h"

namespace tulving::bench {

/// What a run is asked to do.
struct YearOptions {
  std::filesystem::path store;
  std::uint64_t memories = 3'650'000;  ///< Of the one tenant.
  std::uint64_t tenants = 0;           ///< More than 0: many small tenants beside a large one.
  std::uint64_t tenant_memories = 100;
  std::uint64_t large_memories = 1'000'000;
  CorpusShape corpus = {.topics = 0};  ///< No topics: one for a hundred memories.
  VectorIndexOptions vectors;
  std::uint32_t sync_interval_ms = 1000;
  std::uint64_t batch = 256;

  std::uint64_t stop_after = 0;  ///< Memories added before the load stops by itself; 0: never.
  bool stop_by_kill = false;     ///< It stops as by kill -9.

  std::size_t searches = 1000;
  std::size_t rounds = 3;
  std::size_t checks = 20;  ///< Of each kind, before anything is timed.
  double least_recall = 0.9;
  int cpu = -1;  ///< The search thread's processor; -1: the last one.
};

/// The memories that a tenant is to hold: `memories` of the corpus, from number `first` on.
struct TenantLoad {
  std::string tenant;
  std::uint64_t first = 0;
  std::uint64_t memories = 0;
};

/// The tenants of a run, the large one first.
std::vector<TenantLoad> tenant_loads(const YearOptions& options);

/// Opens the store, which only a load makes; says why it cannot.
Result<Store> open_store(const YearOptions& options, bool create);

/// Says on stderr what went wrong.
void print_error(const Error& error);

}  // namespace tulving::bench
