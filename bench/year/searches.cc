#include "bench/year/searches.h"

#include <fmt/core.h>
#include <time.h>

#include <random>

#include "bench/ann_compare/curve.h"
#include "bench/ann_compare/measure.h"

namespace tulving::bench {
namespace {

constexpr std::size_t kBlock = 50;   // Of one set, before the next one has its turn.
constexpr std::size_t kWarmUps = 3;  // Untimed: the set before has had the caches.

double microseconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

struct Times {
  std::vector<double> wall, cpu;  // Of this round.
  std::vector<tools::Percentiles> wall_rounds, cpu_rounds;
  std::size_t hits = 0, searches = 0;
};

Status time_one(const SearchSet& set, std::size_t which, Times& times) {
  const double wall = microseconds(CLOCK_MONOTONIC);
  const double cpu = microseconds(CLOCK_THREAD_CPUTIME_ID);
  const auto found = set.tenants[which].search(set.requests[which]);
  times.cpu.push_back(microseconds(CLOCK_THREAD_CPUTIME_ID) - cpu);
  times.wall.push_back(microseconds(CLOCK_MONOTONIC) - wall);
  if (!found) return found.error();
  times.hits += found->hits.size();
  ++times.searches;
  return {};
}

Status time_block(const SearchSet& set, std::size_t begin, Times& times) {
  const std::size_t count = set.requests.size();
  for (std::size_t i = 1; i <= kWarmUps; ++i) {
    const std::size_t before = (begin + count * kWarmUps - i) % count;
    if (const auto found = set.tenants[before].search(set.requests[before]); !found) {
      return found.error();
    }
  }
  for (std::size_t i = begin; i < std::min(begin + kBlock, count); ++i) {
    if (auto status = time_one(set, i, times); !status) return status.error();
  }
  return {};
}

Status time_round(const std::vector<SearchSet>& sets, std::vector<Times>& times) {
  for (std::size_t begin = 0; begin < sets.front().requests.size(); begin += kBlock) {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      if (auto status = time_block(sets[i], begin, times[i]); !status) return status.error();
    }
  }
  for (Times& of_set : times) {
    of_set.wall_rounds.push_back(tools::percentiles(std::exchange(of_set.wall, {})));
    of_set.cpu_rounds.push_back(tools::percentiles(std::exchange(of_set.cpu, {})));
  }
  return {};
}

nlohmann::json figures_of(const SearchSet& set, const Times& times) {
  const tools::Percentiles wall = median_of_rounds(times.wall_rounds);
  const tools::Percentiles cpu = median_of_rounds(times.cpu_rounds);
  return {{"name", set.name},
          {"p50", wall.p50},
          {"p95", wall.p95},
          {"p99", wall.p99},
          {"cpu_p50", cpu.p50},
          {"cpu_p95", cpu.p95},
          {"cpu_p99", cpu.p99},
          {"hits", static_cast<double>(times.hits) / static_cast<double>(times.searches)}};
}

}  // namespace

Result<std::vector<SearchSet>> search_sets(const Store& store, const Corpus& corpus,
                                           std::string_view name, std::span<const TenantLoad> loads,
                                           const YearOptions& options) {
  std::vector<SearchSet> sets = {{.name = fmt::format("{}hybrid", name)},
                                 {.name = fmt::format("{}vector", name)},
                                 {.name = fmt::format("{}text", name)}};
  std::mt19937_64 random(options.corpus.seed);
  for (std::uint64_t i = 0; i < options.searches; ++i) {
    const TenantLoad& load = loads[random() % loads.size()];
    auto tenant = store.tenant(load.tenant);
    if (!tenant) return tenant.error();
    const CorpusQuery query = corpus.query(load.first + random() % load.memories, i);
    for (SearchSet& set : sets) {
      SearchRequest request;
      if (&set != &sets[1]) request.text = query.text;
      if (&set != &sets[2]) request.vector = query.vector;
      set.requests.push_back(std::move(request));
      set.tenants.push_back(*tenant);
    }
  }
  return sets;
}

Result<nlohmann::json> time_searches(const std::vector<SearchSet>& sets,
                                     const YearOptions& options) {
  std::vector<Times> times(sets.size());
  Status status;
  on_cpu(options.cpu, [&] {
    for (std::size_t round = 0; round < options.rounds && status; ++round) {
      status = time_round(sets, times);
    }
  });
  if (!status) return status.error();
  nlohmann::json figures = nlohmann::json::array();
  for (std::size_t i = 0; i < sets.size(); ++i) figures.push_back(figures_of(sets[i], times[i]));
  return figures;
}

}  // namespace tulving::bench
