#include "index/vectors/sketch_scan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace tulving::index {
namespace {

constexpr float kScanDeviations = 3.0F;
// Rows a kernel call, while those of the next call are fetched: 12 KB at 1,536 dimensions.
constexpr std::size_t kRowsAtOnce = 64;
constexpr std::size_t kSeedsMin = 32;
constexpr float kTaken = -std::numeric_limits<float>::infinity();
constexpr float kNoSketch = std::numeric_limits<float>::infinity();

// Slots that have a sketch, a kernel call's worth.
struct Batch {
  std::size_t count = 0;
  std::array<std::uint32_t, kRowsAtOnce> places;  // Among all slots.
  std::array<std::uint32_t, kRowsAtOnce> nodes;
  std::array<const std::uint64_t*, kRowsAtOnce> rows;
};

}  // namespace

struct SketchScan::Scratch {
  std::vector<float> uppers;
  std::vector<Slot> promising;
};

SketchScan::Scratch& SketchScan::scratch() {
  thread_local Scratch scratch;
  return scratch;
}

SketchScan::SketchScan(const VectorView& view, const PreparedQuery& query,
                       const QuerySketch& sketch, Deadline& deadline)
    : view_(view), query_(query), sketch_(sketch), deadline_(deadline), scratch_(scratch()) {}

std::span<const Slot> SketchScan::promising(std::span<const Slot> slots, std::size_t k,
                                            TopRows& top) {
  auto& [uppers, promising] = scratch_;
  uppers.assign(slots.size(), kNoSketch);
  promising.clear();
  RowSeeds seeds(view_, std::max(2 * k, kSeedsMin));
  estimate(slots, seeds);
  for (const ScoredRow& seed : seeds.take()) {
    const PlaceRun run = run_at(view_, slots, seed.row);
    float best = view_.exact(query_, slots[seed.row]);
    for (std::size_t i = run.first; i < run.last; ++i) {
      if (i != seed.row) best = std::max(best, view_.exact(query_, slots[i]));
      uppers[i] = kTaken;
    }
    top.offer({view_.slab->row(slots[seed.row]), best});
  }
  top.settle();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    // >=: an equal score may come first all the same.
    if (uppers[i] >= top.threshold() && uppers[i] != kTaken) promising.push_back(slots[i]);
  }
  return promising;
}

void SketchScan::estimate(std::span<const Slot> slots, RowSeeds& seeds) {
  const SketchRows sketches = view_.graph->sketches();
  const bool has_runs = view_.has_runs;
  std::size_t next = 0;
  const auto fetch = [&](Batch& batch) {
    batch.count = 0;
    for (; next < slots.size() && batch.count < kRowsAtOnce; ++next) {
      if (slots[next] >= view_.covered) continue;
      const std::uint32_t node = view_.slab->graph_id(slots[next]);
      sketches.prefetch(node);
      batch.places[batch.count] = static_cast<std::uint32_t>(next);
      batch.nodes[batch.count] = node;
      batch.rows[batch.count++] = sketches.row(node);
    }
  };
  std::array<Batch, 2> batches;
  fetch(batches[0]);
  for (std::size_t turn = 0; batches[turn % 2].count != 0 && !deadline_.passed(); ++turn) {
    const Batch& now = batches[turn % 2];
    fetch(batches[(turn + 1) % 2]);
    std::array<std::int32_t, kRowsAtOnce> weights;
    sketch_.weigh(now.rows.data(), now.count, weights.data());
    for (std::size_t i = 0; i < now.count; ++i) {
      const SketchHeader& header = sketches.headers[now.nodes[i]];
      const float estimate = sketch_.estimate(weights[i], header);
      scratch_.uppers[now.places[i]] = estimate + kScanDeviations * sketch_.deviation(header);
      if (has_runs) [[unlikely]] {
        seeds.offer_of_run(now.places[i], slots[now.places[i]], estimate);
      } else {
        seeds.offer(now.places[i], estimate);
      }
    }
  }
}

}  // namespace tulving::index
