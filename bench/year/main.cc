// bench_year: a year of an agent's memories in one tenant, or many small tenants beside a large
// one, through the public API. The load can be stopped and goes on where it stopped.
// bench/README.md says how to run it.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "bench/ann_compare/report.h"
#include "bench/year/load.h"
#include "bench/year/measure.h"
#include "bench/year/report.h"
#include "index/kernels/kernels.h"

namespace tulving::bench {
namespace {

struct Command {
  YearOptions options;
  std::string phase = "all";
  std::string json_path;
};

bool has_phase(const Command& command, std::string_view name) {
  return command.phase == "all" || command.phase == name;
}

nlohmann::json run_figures(const Command& command) {
  const YearOptions& options = command.options;
  return {{"machine", fmt::format("{}; kernels: {}", machine_name(), index::kernels().name)},
          {"memories", options.memories},
          {"tenants", options.tenants},
          {"tenant_memories", options.tenant_memories},
          {"large_memories", options.large_memories},
          {"dim", options.corpus.dim},
          {"topics", options.corpus.topics},
          {"vectors_share", options.corpus.vectors_share},
          {"residual_bits", options.vectors.residual_bits},
          {"seed", options.corpus.seed}};
}

/// The first opening after a load may find no checkpoint and leaves one, so that only the second
/// tells what a store takes from then on.
Figures second_opening(const YearOptions& options, const std::vector<TenantLoad>& loads) {
  const Figures first = run_apart([&] { return measure_opening(options, loads); });
  if (!first) return {};
  return run_apart([&] { return measure_opening(options, loads); });
}

/// The load, and with tiny tenants before they come what the large one alone takes; a store that
/// holds tiny ones already tells that no more. False: it failed.
bool load(const Command& command, const std::vector<TenantLoad>& loads, nlohmann::json& figures) {
  const YearOptions& options = command.options;
  const LoadParts parts{.fill = has_phase(command, "fill"), .index = has_phase(command, "index")};
  if (options.tenants > 0 && parts.fill && parts.index && options.stop_after == 0) {
    const std::vector<TenantLoad> large(loads.begin(), loads.begin() + 1);
    const Figures alone = run_apart([&] { return load_store(options, large, parts); });
    if (!alone) return false;
    if (alone->at("stopped").get<bool>()) {
      figures["load"] = *alone;
      return true;
    }
    if (alone->at("tenants_there").get<std::uint64_t>() <= 1) {
      const Figures base = second_opening(options, large);
      if (!base) return false;
      figures["load_large"] = *alone;
      figures["base"] = *base;
    }
  }
  const Figures all = run_apart([&] { return load_store(options, loads, parts); });
  if (all) figures["load"] = *all;
  return all.has_value();
}

/// After an opening of its own: see second_opening().
bool measure(const Command& command, const std::vector<TenantLoad>& loads,
             nlohmann::json& figures) {
  const Figures first = run_apart([&] { return measure_opening(command.options, loads); });
  if (!first) return false;
  figures["first_opening"] = *first;
  const Figures measured = run_apart([&] { return measure_store(command.options, loads); });
  if (!measured) return false;
  figures["measured"] = *measured;
  if (auto grown = per_tenant_figures(figures); !grown.is_null()) figures["per_tenant"] = grown;
  return measured->at("checked").get<bool>();
}

bool write_json(const std::string& path, const nlohmann::json& figures) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << figures.dump(2) << "\n";
  file.close();
  if (!file) fmt::print(stderr, "cannot write {}\n", path);
  return static_cast<bool>(file);
}

int run(const Command& command) {
  const std::vector<TenantLoad> loads = tenant_loads(command.options);
  nlohmann::json figures = run_figures(command);
  bool well = true, stopped = false;
  if (command.phase != "measure") {
    stop_on_signals();
    well = load(command, loads, figures);
    stopped = well && figures.at("load").at("stopped").get<bool>();
  }
  end_on_signals();
  if (well && !stopped && has_phase(command, "measure")) well = measure(command, loads, figures);
  const bool written = write_json(command.json_path, figures);
  fmt::print("{}", year_table(figures));
  if (stopped) fmt::print(stderr, "stopped; the same command goes on from here\n");
  if (!well) fmt::print(stderr, "bench_year: failed, see above\n");
  return well && written ? 0 : 1;
}

void add_corpus_options(CLI::App& app, YearOptions& options) {
  app.add_option("--memories", options.memories, "Of the one tenant")
      ->check(CLI::Range(1ULL, 4'000'000'000ULL))
      ->capture_default_str();
  app.add_option("--vectors-share", options.corpus.vectors_share, "Of the memories; 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--dim", options.corpus.dim, "Of the vectors")
      ->check(CLI::Range(1U, kEmbeddingDimMax))
      ->capture_default_str();
  app.add_option("--topics", options.corpus.topics, "0: one for a hundred memories")
      ->capture_default_str();
  app.add_option("--text-bytes", options.corpus.text_bytes, "About, a memory")
      ->capture_default_str();
  app.add_option("--seed", options.corpus.seed, "Of the corpus")->capture_default_str();
  app.add_option("--tenants", options.tenants,
                 "More than 0: so many tiny tenants beside a large one, in place of the one")
      ->check(CLI::Range(0ULL, 1'000'000ULL))
      ->capture_default_str();
  app.add_option("--tenant-memories", options.tenant_memories, "Of each tiny tenant")
      ->check(CLI::Range(1ULL, 1'000'000ULL))
      ->capture_default_str();
  app.add_option("--large", options.large_memories, "Memories of the large tenant beside them")
      ->check(CLI::Range(1ULL, 4'000'000'000ULL))
      ->capture_default_str();
}

void add_load_options(CLI::App& app, Command& command) {
  YearOptions& options = command.options;
  app.add_option("--phase", command.phase, "all, or one of them alone")
      ->check(CLI::IsMember({"all", "fill", "index", "measure"}))
      ->capture_default_str();
  app.add_option("--residual-bits", options.vectors.residual_bits, "8, 4 or 0")
      ->capture_default_str();
  app.add_option("--ef-search", options.vectors.ef_search, "Width of the walk at search")
      ->capture_default_str();
  app.add_option("--build-threads", options.vectors.build_threads, "0: one a processor")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Memories a write")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--sync-interval-ms", options.sync_interval_ms, "Between two fsyncs of the load")
      ->capture_default_str();
  app.add_option("--stop-after", options.stop_after, "Stop when so many were added; 0: never")
      ->capture_default_str();
  app.add_flag("--stop-by-kill", options.stop_by_kill, "Stop as kill -9 does, for tests")
      ->needs("--stop-after");
}

void add_measure_options(CLI::App& app, Command& command) {
  YearOptions& options = command.options;
  app.add_option("--searches", options.searches, "Of each kind, a round")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Times are medians of these")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--checks", options.checks, "Searches of each kind that are checked before")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--least-recall", options.least_recall, "Fails below")->capture_default_str();
  app.add_option("--cpu", options.cpu, "The search thread's processor; -1: the last one")
      ->capture_default_str();
  app.add_option("--json", command.json_path, "Write all figures there");
}

int main_of(int argc, char** argv) {
  CLI::App app("A year of memories in one store: load, open, search, RAM");
  Command command;
  app.add_option("store", command.options.store, "The store's folder; it stays")->required();
  add_corpus_options(app, command.options);
  add_load_options(app, command);
  add_measure_options(app, command);
  CLI11_PARSE(app, argc, argv);
  YearOptions& options = command.options;
  if (options.corpus.topics == 0) {
    const std::uint64_t most = options.tenants == 0 ? options.memories : options.large_memories;
    options.corpus.topics = std::max<std::uint64_t>(20, most / 100);
  }
  return run(command);
}

}  // namespace
}  // namespace tulving::bench

int main(int argc, char** argv) { return tulving::bench::main_of(argc, argv); }
