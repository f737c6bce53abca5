#include "bench/year/load.h"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "bench/year/progress.h"

namespace tulving::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kCheckedAtResume = 16;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Adds what is missing, tenant by tenant.
class Filler {
 public:
  Filler(const Store& store, const YearOptions& options, const std::vector<TenantLoad>& loads)
      : store_(store), options_(options), loads_(loads), corpus_(options.corpus) {
    for (const TenantStats& stats : store.stats().tenants) held_[stats.tenant_id] = stats.memories;
    for (const TenantLoad& load : loads) {
      total_ += load.memories;
      had_ += std::min(load.memories, held(load));
    }
  }

  Status fill() {
    Progress progress("fill", had_, total_);
    for (const TenantLoad& load : loads_) {
      if (auto status = fill_tenant(load, progress); !status) return status.error();
      if (stopped_) break;
    }
    progress.finish(had_ + added_);
    seconds_ = progress.seconds();
    return {};
  }

  [[nodiscard]] bool stopped() const { return stopped_; }
  void add_to(nlohmann::json& figures) const {
    figures["had"] = had_;
    figures["added"] = added_;
    figures["fill_seconds"] = seconds_;
  }

 private:
  [[nodiscard]] std::uint64_t held(const TenantLoad& load) const {
    const auto found = held_.find(load.tenant);
    return found == held_.end() ? 0 : found->second;
  }

  Status fill_tenant(const TenantLoad& load, Progress& progress) {
    std::uint64_t next = held(load);
    if (next >= load.memories && &load != &loads_.front()) return {};
    auto tenant = store_.tenant(load.tenant);
    if (!tenant) return tenant.error();
    if (next > 0) {
      if (auto status = check_last(*tenant, load, next); !status) return status.error();
    }
    while (next < load.memories && !stop_now()) {
      const std::uint64_t end = std::min(next + batch_size(), load.memories);
      if (auto status = add(*tenant, load.first + next, load.first + end); !status) {
        return status.error();
      }
      added_ += end - next;
      next = end;
      progress.update(had_ + added_);
    }
    stopped_ = next < load.memories;
    return {};
  }

  // The last of what an earlier run left tell whether it had the same corpus. Several: with another
  // number of topics one memory in five, of the largest topic, is the same.
  Status check_last(const Tenant& tenant, const TenantLoad& load, std::uint64_t held) {
    for (std::uint64_t i = held - std::min(held, kCheckedAtResume); i < held; ++i) {
      const Memory made = corpus_.memory(load.first + i);
      const auto there = tenant.get(made.id, true);
      if (there && there->text == made.text && there->embeddings == made.embeddings) continue;
      return Error{.code = ErrorCode::kConflict,
                   .message = fmt::format("tenant {} holds memories that were made by other "
                                          "options: give the same --memories, --topics and so on",
                                          load.tenant)};
    }
    return {};
  }

  [[nodiscard]] std::uint64_t batch_size() const {
    if (options_.stop_after == 0) return options_.batch;
    return std::min(options_.batch, options_.stop_after - added_);
  }

  bool stop_now() {
    const bool enough = options_.stop_after != 0 && added_ >= options_.stop_after;
    if (enough && options_.stop_by_kill) raise(SIGKILL);
    return enough || stop_asked();
  }

  // write(), not add(): what is there already is left as it is.
  Status add(Tenant& tenant, std::uint64_t begin, std::uint64_t end) {
    batch_.clear();
    for (std::uint64_t number = begin; number < end; ++number) {
      batch_.emplace_back(corpus_.memory(number));
    }
    const auto written = tenant.write(batch_);
    if (!written) return written.error();
    return {};
  }

  const Store& store_;
  const YearOptions& options_;
  const std::vector<TenantLoad>& loads_;
  Corpus corpus_;
  std::map<std::string, std::uint64_t> held_;
  std::uint64_t total_ = 0, had_ = 0, added_ = 0;
  double seconds_ = 0;
  bool stopped_ = false;
  std::vector<Record> batch_;
};

struct Indexed {
  std::uint64_t vectors = 0, in_graph = 0;
  bool all = false;
};

Indexed indexed(const Store& store) {
  const StoreStats stats = store.stats();
  Indexed found{.all = stats.indexing_caught_up};
  for (const TenantStats& tenant : stats.tenants) {
    for (const VectorStats& vectors : tenant.vectors) {
      if (vectors.vectors <= store.options().vectors.exact_rows_max) continue;
      found.vectors += vectors.vectors;
      found.in_graph += vectors.in_graph;
    }
  }
  return found;
}

/// False: it was asked to stop.
bool wait_for_graphs(const Store& store) {
  Indexed now = indexed(store);
  Progress progress("index", now.in_graph, now.vectors);
  while (!now.all && !stop_asked()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    now = indexed(store);
    progress.update(now.in_graph);
  }
  progress.finish(now.in_graph);
  return now.all;
}

Status do_parts(Store& store, const YearOptions& options, const std::vector<TenantLoad>& loads,
                LoadParts parts, nlohmann::json& figures) {
  bool stopped = false;
  if (parts.fill) {
    Filler filler(store, options, loads);
    if (auto status = filler.fill(); !status) return status.error();
    if (auto status = store.make_durable(); !status) return status.error();
    filler.add_to(figures);
    stopped = filler.stopped();
  }
  if (parts.index && !stopped) {
    const auto begin = Clock::now();
    stopped = !wait_for_graphs(store);
    figures["index_seconds"] = seconds_since(begin);
  }
  figures["stopped"] = stopped;
  const ProcessMemory memory = process_memory();
  figures["rss_bytes"] = memory.resident;
  figures["highest_rss_bytes"] = memory.highest;
  const auto begin = Clock::now();
  if (auto status = store.close(); !status) return status.error();
  figures["close_seconds"] = seconds_since(begin);
  return {};
}

}  // namespace

Figures load_store(const YearOptions& options, const std::vector<TenantLoad>& loads,
                   LoadParts parts) {
  nlohmann::json figures;
  const auto begin = Clock::now();
  auto store = open_store(options, parts.fill);
  if (!store) {
    print_error(store.error());
    return {};
  }
  figures["open_seconds"] = seconds_since(begin);
  figures["tenants_there"] = store->tenants().size();
  if (auto status = do_parts(*store, options, loads, parts, figures); !status) {
    print_error(status.error());
    return {};
  }
  return figures;
}

}  // namespace tulving::bench
