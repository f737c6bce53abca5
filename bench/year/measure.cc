#include "bench/year/measure.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

#include "bench/year/checks.h"
#include "bench/year/searches.h"

namespace tulving::bench {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

json memory_figures() {
  const ProcessMemory memory = process_memory();
  return {
      {"resident", memory.resident}, {"anonymous", memory.anonymous}, {"highest", memory.highest}};
}

/// Sums over the tenants whose ids begin with `start`.
json bytes_of(const StoreStats& stats, std::string_view start) {
  std::uint64_t tenants = 0, memories = 0, records = 0, texts = 0, attributes = 0, terms = 0;
  std::uint64_t vectors = 0, in_graph = 0, vector_bytes = 0;
  for (const TenantStats& tenant : stats.tenants) {
    if (!tenant.tenant_id.starts_with(start)) continue;
    ++tenants;
    memories += tenant.memories;
    records += tenant.record_bytes;
    texts += tenant.text_bytes;
    attributes += tenant.attribute_bytes;
    terms += tenant.terms;
    for (const VectorStats& model : tenant.vectors) {
      vectors += model.vectors;
      in_graph += model.in_graph;
      vector_bytes += model.bytes;
    }
  }
  return {{"tenants", tenants},
          {"memories", memories},
          {"vectors", vectors},
          {"in_graph", in_graph},
          {"terms", terms},
          {"record_bytes", records},
          {"text_bytes", texts},
          {"attribute_bytes", attributes},
          {"vector_bytes", vector_bytes}};
}

json stats_figures(const Store& store, const YearOptions& options) {
  const StoreStats stats = store.stats();
  json figures = {{"ram_bytes", stats.ram_bytes},
                  {"disk_bytes", stats.disk_bytes},
                  {"memories", stats.memories}};
  if (options.tenants == 0) {
    figures["parts"]["year"] = bytes_of(stats, "year");
  } else {
    figures["parts"]["large"] = bytes_of(stats, "large");
    figures["parts"]["tiny"] = bytes_of(stats, "tiny");
  }
  return figures;
}

Result<Store> open_and_answer(const YearOptions& options, const Corpus& corpus,
                              const TenantLoad& load, json& figures) {
  const CorpusQuery query = corpus.query(load.first, ~std::uint64_t{0} - options.checks);
  const auto begin = Clock::now();
  auto store = open_store(options, false);
  if (!store) return store.error();
  figures["open_seconds"] = seconds_since(begin);
  const auto tenant = store->tenant(load.tenant);
  if (!tenant) return tenant.error();
  SearchRequest request;
  request.text = query.text;
  request.vector = query.vector;
  const auto found = tenant->search(request);
  if (!found) return found.error();
  figures["first_answer_seconds"] = seconds_since(begin);
  figures["memory_opened"] = memory_figures();
  store->wait_for_indexing();  // Nothing to do, unless the load did not wait.
  figures["caught_up_seconds"] = seconds_since(begin);
  return store;
}

Result<std::vector<SearchSet>> all_sets(const Store& store, const Corpus& corpus,
                                        const std::vector<TenantLoad>& loads,
                                        const YearOptions& options) {
  if (options.tenants == 0) return search_sets(store, corpus, "", loads, options);
  std::vector<SearchSet> all;
  const std::span<const TenantLoad> every(loads);
  for (const bool tiny : {false, true}) {
    auto sets =
        search_sets(store, corpus,
                    tiny ? "tiny: " : "large: ", tiny ? every.subspan(1) : every.first(1), options);
    if (!sets) return sets.error();
    std::ranges::move(*sets, std::back_inserter(all));
  }
  return all;
}

Status check_and_time(const Store& store, const Corpus& corpus,
                      const std::vector<TenantLoad>& loads, const YearOptions& options,
                      json& figures) {
  bool right = true;
  figures["checks"] = json::array();
  for (std::size_t i : std::set{std::size_t{0}, loads.size() - 1}) {
    const auto tenant = store.tenant(loads[i].tenant);
    if (!tenant) return tenant.error();
    const auto checked = check_answers(*tenant, corpus, loads[i], options);
    if (!checked) return checked.error();
    right = right && checked->at("right").get<bool>();
    figures["checks"].push_back(*checked);
  }
  figures["checked"] = right;
  if (!right) return {};
  const auto sets = all_sets(store, corpus, loads, options);
  if (!sets) return sets.error();
  auto times = time_searches(*sets, options);
  if (!times) return times.error();
  figures["searches"] = *std::move(times);
  return {};
}

Result<json> measure(const YearOptions& options, const std::vector<TenantLoad>& loads) {
  const Corpus corpus(options.corpus);
  json figures;
  auto store = open_and_answer(options, corpus, loads.front(), figures);
  if (!store) return store.error();
  figures["stats"] = stats_figures(*store, options);
  if (auto status = check_and_time(*store, corpus, loads, options, figures); !status) {
    return status.error();
  }
  figures["memory_searched"] = memory_figures();
  if (auto status = store->close(); !status) return status.error();
  return figures;
}

Result<json> opening_of(const YearOptions& options, const TenantLoad& load) {
  const Corpus corpus(options.corpus);
  json figures;
  auto store = open_and_answer(options, corpus, load, figures);
  if (!store) return store.error();
  figures["memory_caught_up"] = memory_figures();
  if (auto status = store->close(); !status) return status.error();
  return figures;
}

Figures or_say_why(Result<json> found) {
  if (found) return *std::move(found);
  print_error(found.error());
  return {};
}

}  // namespace

Figures measure_opening(const YearOptions& options, const std::vector<TenantLoad>& loads) {
  return or_say_why(opening_of(options, loads.front()));
}

Figures measure_store(const YearOptions& options, const std::vector<TenantLoad>& loads) {
  return or_say_why(measure(options, loads));
}

}  // namespace tulving::bench
