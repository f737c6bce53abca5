// bench vectors: recall and latency of vector search through the public API, as ef grows.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tools/cli/command.h"
#include "tools/cli/commands/store/bench_store.h"
#include "tools/cli/commands/store/bench_truth.h"
#include "tools/cli/commands/store/quantiles.h"
#include "tools/cli/print/output.h"
#include "tools/cli/transfer/fvecs.h"
#include "tools/cli/transfer/progress.h"

namespace tulving::tools {

namespace {

using Json = nlohmann::ordered_json;  // Members in the order they were set.

using Seconds = std::chrono::duration<double>;
using SteadyClock = std::chrono::steady_clock;

struct BenchCommand {
  std::string base;
  std::string query;
  std::string truth;
  std::uint32_t k = 10;
  std::vector<std::uint32_t> efs = {16, 32, 64, 128, 256};
  std::uint32_t threads = 1;
  VectorIndexOptions vectors;
};

using Queries = std::vector<std::vector<float>>;

struct Point {
  std::uint32_t ef = 0;
  double recall = 0;
  double p50_us = 0;
  double p95_us = 0;
  double p99_us = 0;
  double qps = 0;
  bool approximate = false;
};

Result<Queries> read_queries(const BenchCommand& command, const VectorFile& base) {
  auto file = VectorFile::open(command.query);
  if (!file) return file.error();
  if (file->rows() == 0 || base.rows() == 0 || file->dim() != base.dim()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} has {} rows of dimension {}, {} has {} of {}; both need rows, of "
                             "one dimension",
                             command.query, file->rows(), file->dim(), command.base, base.rows(),
                             base.dim())};
  }
  Queries queries;
  for (std::uint64_t row = 0; row < file->rows(); ++row) {
    auto query = file->read(row);
    if (!query) return query.error();
    queries.push_back(*std::move(query));
  }
  return queries;
}

/// Adds the base and waits until it is indexed; the seconds both took, reading the file left out.
Result<double> build(BenchStore& store, VectorFile& base) {
  Progress progress("build", base.rows());
  Seconds spent{};
  for (std::uint64_t row = 0; row < base.rows(); ++row) {
    auto vector = base.read(row);
    if (!vector) return vector.error();
    const auto begin = SteadyClock::now();
    const Status status = store.add(static_cast<std::uint32_t>(row), *std::move(vector));
    spent += SteadyClock::now() - begin;
    if (!status) return status.error();
    progress.set(row);
  }
  const auto begin = SteadyClock::now();
  if (const Status status = store.flush(); !status) return status.error();
  store.wait_for_indexing();
  spent += SteadyClock::now() - begin;
  return spent.count();
}

Result<Truth> true_neighbors(const BenchCommand& command, VectorFile& base,
                             const Queries& queries) {
  if (!command.truth.empty()) {
    return read_truth(command.truth, queries.size(), base.rows(), command.k);
  }
  Progress progress("truth", base.rows());
  return compute_truth(
      {.rows = base.rows(),
       .dim = base.dim(),
       .read = [&](std::uint64_t row, std::span<float> values) { return base.read(row, values); },
       .progress = [&](std::uint64_t row) { progress.set(row); }},
      queries, command.k);
}

/// One thread's share of a measurement.
struct Share {
  std::vector<double> microseconds;
  std::uint64_t found = 0;
  bool approximate = false;
  Status status;
};

void measure_share(const BenchStore& store, const Queries& queries, const Truth& truth,
                   SearchRequest request, std::size_t first, std::size_t step, Share& share) {
  for (std::size_t q = first; q < queries.size(); q += step) {
    request.vector = queries[q];
    const auto begin = SteadyClock::now();
    auto response = store.search(request);
    const std::chrono::duration<double, std::micro> took = SteadyClock::now() - begin;
    if (!response) {
      share.status = response.error();
      return;
    }
    share.microseconds.push_back(took.count());
    share.approximate = share.approximate || response->approximate;
    for (const SearchHit& hit : response->hits) {
      const std::uint32_t row = BenchStore::row_of(hit);
      share.found += std::ranges::find(truth[q], row) != truth[q].end() ? 1U : 0U;
    }
  }
}

Result<Point> measure(const BenchStore& store, const Queries& queries, const Truth& truth,
                      const BenchCommand& command, std::uint32_t ef) {
  const SearchRequest request = BenchStore::request(command.k, ef);
  std::vector<Share> shares(command.threads);
  const auto begin = SteadyClock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < shares.size(); ++i) {
      threads.emplace_back(
          [&, i] { measure_share(store, queries, truth, request, i, shares.size(), shares[i]); });
    }
    measure_share(store, queries, truth, request, 0, shares.size(), shares[0]);
  }
  const Seconds wall = SteadyClock::now() - begin;
  Point point{.ef = ef};
  std::vector<double> all;
  std::uint64_t found = 0;
  for (const Share& share : shares) {
    if (!share.status) return share.status.error();
    all.insert(all.end(), share.microseconds.begin(), share.microseconds.end());
    found += share.found;
    point.approximate = point.approximate || share.approximate;
  }
  std::size_t wanted = 0;
  for (const auto& neighbors : truth) wanted += neighbors.size();
  point.recall = static_cast<double>(found) / static_cast<double>(wanted);
  const Percentiles latency = percentiles(all);
  point.p50_us = latency.p50;
  point.p95_us = latency.p95;
  point.p99_us = latency.p99;
  point.qps = static_cast<double>(all.size()) / wall.count();
  return point;
}

double rounded(double value, double unit) { return std::round(value / unit) * unit; }

Json point_json(const Point& point) {
  return Json{{"ef", point.ef},
              {"recall", rounded(point.recall, 1e-6)},
              {"p50_us", rounded(point.p50_us, 1e-3)},
              {"p95_us", rounded(point.p95_us, 1e-3)},
              {"p99_us", rounded(point.p99_us, 1e-3)},
              {"qps", rounded(point.qps, 1e-1)},
              {"approximate", point.approximate}};
}

void print_points(const GlobalOptions& globals, const VectorFile& base, std::size_t queries,
                  double build_s, double bytes, const std::vector<Point>& points) {
  if (globals.json) {
    Json sweep = Json::array();
    for (const Point& point : points) sweep.push_back(point_json(point));
    print_json_line(Json{{"dim", base.dim()},
                         {"n", base.rows()},
                         {"queries", queries},
                         {"build_s", rounded(build_s, 1e-3)},
                         {"bytes_per_vector", rounded(bytes, 1e-1)},
                         {"sweep", std::move(sweep)}}
                        .dump());
    return;
  }
  fmt::print("{} vectors of dimension {}, {} queries; built in {:.1f} s, {:.0f} bytes a vector\n",
             base.rows(), base.dim(), queries, build_s, bytes);
  Table table({"EF", "RECALL", "P50 us", "P95 us", "P99 us", "QUERIES/s"});
  for (const Point& point : points) {
    table.add_row({std::to_string(point.ef), fmt::format("{:.4f}", point.recall),
                   fmt::format("{:.0f}", point.p50_us), fmt::format("{:.0f}", point.p95_us),
                   fmt::format("{:.0f}", point.p99_us), fmt::format("{:.0f}", point.qps)});
  }
  table.print();
}

Result<int> run_bench(const GlobalOptions& globals, const BenchCommand& command) {
  auto base = VectorFile::open(command.base);
  if (!base) return base.error();
  auto queries = read_queries(command, *base);
  if (!queries) return queries.error();
  if (command.k == 0 || command.threads == 0 || command.threads > 1024) {
    return Error{ErrorCode::kInvalidArgument, "--k must be positive, --threads 1..1024"};
  }
  auto store = BenchStore::open(command.vectors);
  if (!store) return store.error();
  auto truth = true_neighbors(command, *base, *queries);
  if (!truth) return truth.error();
  auto build_s = build(*store, *base);
  if (!build_s) return build_s.error();
  // Once unmeasured: the first walk faults pages in, which no later one pays for.
  if (auto warm = measure(*store, *queries, *truth, command, command.efs.front()); !warm) {
    return warm.error();
  }
  std::vector<Point> points;
  for (const std::uint32_t ef : command.efs) {
    auto point = measure(*store, *queries, *truth, command, ef);
    if (!point) return point.error();
    points.push_back(*point);
  }
  print_points(globals, *base, queries->size(), *build_s, store->bytes_per_vector(), points);
  return kDone;
}

}  // namespace

void add_bench_command(const CommandLine& line) {
  CLI::App* group = line.app.add_subcommand("bench", "Measurements");
  group->fallthrough();
  group->require_subcommand(1);
  auto options = std::make_shared<BenchCommand>();
  CLI::App* command = add_command(
      *group, line, "vectors", "Recall and latency of vector search, in RAM", options, run_bench);
  command->add_option("--base", options->base, "The vectors searched")
      ->required()
      ->type_name("FVECS");
  command->add_option("--query", options->query, "The queries")->required()->type_name("FVECS");
  command->add_option("--truth", options->truth, "True neighbours; without it they are computed")
      ->check(check_not_empty)
      ->type_name("IVECS");
  command->add_option("--k", options->k, "Neighbours a query")->capture_default_str();
  command->add_option("--ef", options->efs, "Widths of the walk: 16,32,64")->delimiter(',');
  command->add_option("--threads", options->threads, "Searching threads")->capture_default_str();
  command->add_option("--m", options->vectors.m, "Links a node")->capture_default_str();
  command->add_option("--ef-construction", options->vectors.ef_construction, "Width at insertion")
      ->capture_default_str();
  command
      ->add_option("--exact-rows-max", options->vectors.exact_rows_max,
                   "Up to this many vectors are scanned, without a graph")
      ->capture_default_str();
  command
      ->add_option("--build-threads", options->vectors.build_threads,
                   "Building threads; 0: as many as there are processors")
      ->capture_default_str();
  command
      ->add_option("--residual-bits", options->vectors.residual_bits,
                   "Bits a component beside its 8-bit code")
      ->check(CLI::IsMember({0, 4, 8}))
      ->capture_default_str();
}

}  // namespace tulving::tools
