#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bench/ann_compare/curve.h"
#include "bench/ann_compare/dataset.h"
#include "bench/ann_compare/engine.h"

namespace tulving::bench {

struct MeasureOptions {
  std::vector<std::uint32_t> efforts;  ///< Empty: as many as the recalls asked for need.
  std::size_t rounds = 5;
  std::size_t block = 50;  ///< Queries of one engine before the next one has its turn.
  int cpu = -1;            ///< The search thread's; -1: the last one that the process may use.
};

/// An engine that is built, and how that went.
struct Built {
  std::unique_ptr<Engine> engine;
  double seconds = 0;
  unsigned threads = 1;
  std::size_t rss_bytes = 0;  ///< By which the process grew.
};

/// What times are: of the wall, or of the search thread's own work, which on a busy machine repeats
/// better but hides what waiting there is. For the whole process, before anything is measured.
void use_cpu_time(bool cpu_time);
/// Microseconds by that clock, since some beginning.
double now_microseconds();

/// Builds one engine of `data` with `spare` rows' room.
Built build_engine(const EngineKind& kind, const Dataset& data, std::size_t spare,
                   unsigned threads);

/// One timed call: appends to `microseconds`.
double timed_search(Engine& engine, std::span<const float> query, std::uint32_t k,
                    std::uint32_t effort, RowList& found);

/// Runs `work` on a thread that is bound to one processor. The rest of the process is not.
void on_cpu(int cpu, const std::function<void()>& work);
/// The processor that on_cpu(-1) takes.
int default_cpu();
/// Keeps this thread, and those it starts, off a processor, if there is another.
void keep_off(int cpu);

/// Recall@k of one engine at one width.
double recall_of(Engine& engine, const Dataset& data, std::uint32_t effort);

/// The curves of all engines. First every recall, then the times: round by round, block of queries
/// by block, all engines and widths one after another in an order that each block shuffles anew, so
/// that what disturbs the machine disturbs all alike.
std::vector<Curve> measure_curves(const std::vector<Built>& engines, const Dataset& data,
                                  const MeasureOptions& options);

}  // namespace tulving::bench
