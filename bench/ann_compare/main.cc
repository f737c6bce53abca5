// ann_compare: recall against latency of our vector search beside hnswlib, FAISS and usearch, in
// one process, on data that anyone can make again. bench/README.md says how to run it.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <thread>

#include "bench/ann_compare/adds.h"
#include "bench/ann_compare/filters.h"
#include "bench/ann_compare/measure.h"
#include "bench/ann_compare/report.h"
#include "index/kernels/kernels.h"

namespace tulving::bench {
namespace {

struct Options {
  DataOptions data;
  MeasureOptions measure;
  std::vector<std::string> engines;
  unsigned build_threads = std::max(1U, std::thread::hardware_concurrency());
  bool cpu_time = false;
  bool builds = false, filters = false, adds = false;
  std::vector<double> percents = {50, 10, 1, 0.1};
  std::vector<std::uint32_t> part_efforts = {64, 256};
  double least_recall = 0.8;
  std::string json, svg, save;
};

std::vector<EngineKind> chosen_kinds(const Options& options) {
  std::vector<EngineKind> kinds = engine_kinds();
  std::erase_if(kinds, [&](const EngineKind& kind) {
    return !options.engines.empty() &&
           std::ranges::find(options.engines, kind.name) == options.engines.end();
  });
  return kinds;
}

BuildResult build_result(const Built& built, const Dataset& data) {
  const auto n = static_cast<double>(data.rows());
  return {.engine = built.engine->name(),
          .threads = built.threads,
          .rows_per_second = n / built.seconds,
          .rss_per_vector = static_cast<double>(built.rss_bytes) / n,
          .bytes_per_vector = static_cast<double>(built.engine->bytes().value_or(0)) / n};
}

/// Every engine that was built with more threads, once more with one, for the times; the graphs go.
void measure_builds(const std::vector<EngineKind>& kinds, const Dataset& data, Report& report) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (report.builds[i].threads == 1) continue;
    report.builds.push_back(build_result(build_engine(kinds[i], data, 0, 1), data));
  }
}

/// False: an engine does not find what it should, so its times mean nothing.
bool all_find_enough(const Report& report, double least) {
  bool all = true;
  for (const Curve& curve : report.curves) {
    const double best = std::ranges::max(curve.points, {}, &Point::recall).recall;
    if (best >= least) continue;
    fmt::print(stderr, "{}: best recall {:.4f}, which is below {}\n", curve.engine, best, least);
    all = false;
  }
  return all;
}

bool write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) fmt::print(stderr, "cannot write {}\n", path);
  return static_cast<bool>(file);
}

Report new_report(const Dataset& data, const Options& options) {
  Report report;
  report.machine = fmt::format("{}; our kernels: {}", machine_name(), index::kernels().name);
  report.data = data.name;
  report.rows = data.rows();
  report.queries = data.queries.size();
  report.queries_dropped = data.queries_dropped;
  report.rounds = options.measure.rounds;
  report.clock = options.cpu_time ? "processor time" : "wall time";
  report.dim = data.dim;
  report.k = data.k;
  return report;
}

/// After each part, so that what was measured is there even if a later part is given up.
bool write_report(const Report& report, const Options& options) {
  return write_file(options.json, report_json(report)) &&
         write_file(options.svg, report_svg(report));
}

/// What the options ask for. The engines of the curves go before others are built.
Report measure_all(const Dataset& data, const Options& options) {
  Report report = new_report(data, options);
  const std::vector<EngineKind> kinds = chosen_kinds(options);
  {
    std::vector<Built> engines;
    for (const EngineKind& kind : kinds) {
      engines.push_back(build_engine(kind, data, 0, options.build_threads));
      report.builds.push_back(build_result(engines.back(), data));
    }
    report.curves = measure_curves(engines, data, options.measure);
    write_report(report, options);
    if (options.filters) {
      report.filters =
          measure_filters(engines, data, options.measure, options.percents, options.part_efforts);
    }
  }
  if (options.builds) measure_builds(kinds, data, report);
  write_report(report, options);
  if (options.adds) {
    report.adds = measure_adds(kinds, data, options.measure, options.part_efforts.front());
  }
  return report;
}

int run(const Options& options) {
  const auto data = make_dataset(options.data);
  const Status saved = !data                  ? Status(data.error())
                       : options.save.empty() ? Status()
                                              : save_dataset(*data, options.save);
  if (!saved) {
    fmt::print(stderr, "{}\n", saved.error().message);
    return 2;
  }
  use_cpu_time(options.cpu_time);
  const Report report = measure_all(*data, options);
  fmt::print("{}", report_table(report));
  const bool written = write_report(report, options);
  return written && all_find_enough(report, options.least_recall) ? 0 : 1;
}

void add_data_options(CLI::App& app, DataOptions& data) {
  app.add_option("--data", data.generator, "clustered, low (16 dimensions in many) or uniform")
      ->check(CLI::IsMember({"clustered", "low", "uniform"}))
      ->capture_default_str();
  app.add_option("--n", data.n, "Rows generated")->capture_default_str();
  app.add_option("--dim", data.dim, "Their dimension; 0: 1,536, of uniform 64")
      ->capture_default_str();
  app.add_option("--seed", data.seed, "Of the generator")->capture_default_str();
  app.add_option("--base", data.base, "FVECS instead of generated rows");
  app.add_option("--queries", data.queries, "FVECS; without it the base's last rows, held out")
      ->needs("--base");
  app.add_option("--truth", data.truth, "IVECS; without it neighbours are computed")
      ->needs("--queries");
  app.add_option("--query-count", data.query_count, "Queries at most")->capture_default_str();
  app.add_option("--k", data.k, "Neighbours a query")->capture_default_str();
}

void add_measure_options(CLI::App& app, Options& options) {
  app.add_option("--engines", options.engines, "Of --list; all without it")->delimiter(',');
  app.add_option("--ef", options.measure.efforts,
                 "Widths of the walk; without it those that recall 0.9 to 0.999 needs")
      ->delimiter(',');
  app.add_option("--rounds", options.measure.rounds, "Times are medians of these")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--block", options.measure.block, "Queries of one engine in a row")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--cpu", options.measure.cpu, "The search thread's processor; -1: the last one")
      ->capture_default_str();
  app.add_flag("--cpu-time", options.cpu_time,
               "Times are the search thread's processor time, for machines that are not quiet");
  app.add_option("--build-threads", options.build_threads, "For the graphs that are searched")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--builds", options.builds, "Build each once more with one thread, for the times");
  app.add_flag("--filters", options.filters, "Filtered searches too");
  app.add_option("--percents", options.percents, "What the filters let through")->delimiter(',');
  app.add_flag("--adds", options.adds, "Searches beside a thread that adds, too");
  app.add_option("--part-ef", options.part_efforts,
                 "Widths for --filters; the first one for --adds")
      ->delimiter(',');
  app.add_option("--least-recall", options.least_recall,
                 "Fails where an engine's best recall is below")
      ->capture_default_str();
  app.add_option("--save", options.save,
                 "Write the vectors to PREFIX.base.fvecs, PREFIX.queries.fvecs")
      ->type_name("PREFIX");
  app.add_option("--json", options.json, "Write all figures there");
  app.add_option("--svg", options.svg, "Draw recall against latency there");
}

int main_of(int argc, char** argv) {
  CLI::App app("Recall against latency, beside other engines, in one process");
  Options options;
  add_data_options(app, options.data);
  add_measure_options(app, options);
  app.add_flag_callback(
      "--list",
      [] {
        for (const EngineKind& kind : engine_kinds()) fmt::print("{}\n", kind.name);
        throw CLI::Success();
      },
      "The engines in this program");
  CLI11_PARSE(app, argc, argv);
  if (chosen_kinds(options).empty()) {
    fmt::print(stderr, "no such engine: see --list\n");
    return 2;
  }
  return run(options);
}

}  // namespace
}  // namespace tulving::bench

int main(int argc, char** argv) { return tulving::bench::main_of(argc, argv); }
