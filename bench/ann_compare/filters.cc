#include "bench/ann_compare/filters.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace tulving::bench {
namespace {

constexpr const char* kKinds[] = {"random", "correlated", "anti-correlated"};

/// One query's rows from the nearest to the farthest.
struct Ranked {
  std::vector<float> cosines;  ///< By row.
  std::vector<std::uint32_t> rows;
};

Ranked rank_rows(const Dataset& data, std::size_t query) {
  Ranked ranked;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    ranked.cosines.push_back(data.cosine(row, query));
  }
  ranked.rows.resize(data.rows());
  std::iota(ranked.rows.begin(), ranked.rows.end(), 0U);
  std::ranges::sort(ranked.rows, std::greater<>(),
                    [&](std::uint32_t row) { return ranked.cosines[row]; });
  return ranked;
}

/// What is let through for one query, and the k-th cosine among it.
struct Filter {
  Allowed allowed;
  float least = 0;
  std::size_t wanted = 0;  ///< k, or as many as there are.
};

Filter make_filter(std::size_t kind, double percent, const Ranked& ranked, std::uint32_t k,
                   std::mt19937& random) {
  const std::size_t n = ranked.rows.size();
  const auto count = std::clamp<std::size_t>(
      static_cast<std::size_t>(static_cast<double>(n) * percent / 100), 1, n);
  std::vector<std::uint32_t> from = ranked.rows;
  if (kind == 2) std::ranges::reverse(from);
  if (kind != 0) from.resize(std::min(n, count + count / 4));
  std::ranges::shuffle(from, random);
  from.resize(std::min(count, from.size()));
  Filter filter;
  filter.allowed.flags.assign(n, 0);
  std::vector<float> cosines;
  for (const std::uint32_t row : from) {
    filter.allowed.rows.add(row);
    filter.allowed.flags[row] = 1;
    cosines.push_back(ranked.cosines[row]);
  }
  filter.allowed.rows.runOptimize();
  std::ranges::sort(cosines, std::greater<>());
  filter.wanted = std::min<std::size_t>(k, cosines.size());
  filter.least = cosines[filter.wanted - 1];
  return filter;
}

/// One engine at one width: its times and what it found.
struct Task {
  Engine* engine = nullptr;
  FilterResult result;
  std::vector<double> times;
  std::size_t hits = 0;
  bool wrong = false;  ///< It gave a row that the filter does not let through.
};

void run_query(Task& task, const Dataset& data, std::size_t query, const Filter& filter) {
  RowList found;
  double took = 0;
  for (int run = 0; run < 2; ++run) {  // The first one warms up.
    found.clear();
    const double begin = now_microseconds();
    task.engine->search_filtered(data.queries[query], data.k, task.result.effort, filter.allowed,
                                 found);
    took = now_microseconds() - begin;
  }
  task.times.push_back(took);
  task.hits += data.hits(found, query, filter.least);
  for (const std::uint32_t row : found) task.wrong = task.wrong || filter.allowed.flags[row] == 0;
}

std::vector<Task> make_tasks(const std::vector<Built>& engines,
                             const std::vector<std::uint32_t>& efforts, const char* kind,
                             double percent) {
  std::vector<Task> tasks;
  for (const Built& built : engines) {
    if (!built.engine->filters()) continue;
    for (const std::uint32_t effort : efforts) {
      Task task;
      task.engine = built.engine.get();
      task.result = {kind, percent, built.engine->name(), effort, 0, {}};
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

}  // namespace

std::vector<FilterResult> measure_filters(const std::vector<Built>& engines, const Dataset& data,
                                          const MeasureOptions& options,
                                          const std::vector<double>& percents,
                                          const std::vector<std::uint32_t>& efforts) {
  std::vector<std::vector<Task>> groups;  // One a kind and percentage.
  for (const char* kind : kKinds) {
    for (const double percent : percents) {
      groups.push_back(make_tasks(engines, efforts, kind, percent));
    }
  }
  std::vector<std::size_t> wanted(groups.size());
  std::mt19937 random(7);
  on_cpu(options.cpu, [&] {
    for (std::size_t query = 0; query < data.queries.size(); ++query) {
      const Ranked ranked = rank_rows(data, query);
      for (std::size_t group = 0; group < groups.size(); ++group) {
        const Filter filter = make_filter(
            group / percents.size(), percents[group % percents.size()], ranked, data.k, random);
        wanted[group] += filter.wanted;
        std::ranges::shuffle(groups[group], random);
        for (Task& task : groups[group]) run_query(task, data, query, filter);
      }
    }
  });
  std::vector<FilterResult> results;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    std::ranges::sort(groups[group], {}, [](const Task& task) {
      return std::pair(task.result.engine, task.result.effort);
    });
    for (Task& task : groups[group]) {
      if (task.wrong) fmt::print(stderr, "{} gave filtered rows\n", task.result.engine);
      task.result.recall =
          task.wrong ? 0 : static_cast<double>(task.hits) / static_cast<double>(wanted[group]);
      task.result.latency = tools::percentiles(std::move(task.times));
      results.push_back(task.result);
    }
  }
  return results;
}

}  // namespace tulving::bench
