#include "index/vectors/exact_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <vector>

namespace tulving::index {
namespace {

// Rows between two looks at the clock, and per kernel call: 512 x 1536 codes take some 15 us.
constexpr std::size_t kBatch = 512;
constexpr float kDone = -std::numeric_limits<float>::infinity();

}  // namespace

// One a thread, so that scans allocate nothing after the first.
struct ExactScan::Scratch {
  std::vector<Slot> slots;
  std::vector<float> uppers;  // kDone: re-ranked.
  std::array<const std::uint8_t*, kBatch> pointers{};
  std::array<float, kBatch> dots{};
};

ExactScan::Scratch& ExactScan::scratch() {
  thread_local Scratch scratch;
  return scratch;
}

ExactScan::ExactScan(const VectorView& view, const PreparedQuery& query, TopRows& top,
                     std::size_t k, Deadline& deadline)
    : view_(view),
      query_(query),
      top_(top),
      deadline_(deadline),
      scratch_(scratch()),
      seeds_(view, k) {
  scratch_.slots.clear();
  scratch_.uppers.clear();
}

std::uint64_t ExactScan::scored() const { return scratch_.slots.size(); }

void ExactScan::add_range(Slot first, Slot last) {
  std::array<Slot, kBatch> batch;
  const VectorSlab& slab = *view_.slab;
  while (first < last && !deadline_.passed()) {
    const Slot end = std::min<Slot>(last, first + kBatch);
    std::size_t count = 0;
    while (first < end) {
      // One word of the bitmap at a time: 64 slots, or what is left of them.
      const Slot word_end = std::min<Slot>(end, first / 64 * 64 + 64);
      std::uint64_t live =
          slab.chunk(first / VectorSlab::kChunkRows).live[first % VectorSlab::kChunkRows / 64] >>
          (first % 64);
      for (; live != 0; live &= live - 1) {
        const Slot slot = first + static_cast<Slot>(std::countr_zero(live));
        if (slot >= word_end) break;
        batch[count++] = slot;
      }
      first = word_end;
    }
    score_batch({batch.data(), count});
  }
}

void ExactScan::add_slots(std::span<const Slot> slots) {
  while (!slots.empty() && !deadline_.passed()) {
    const std::size_t count = std::min(kBatch, slots.size());
    score_batch(slots.first(count));
    slots = slots.subspan(count);
  }
}

void ExactScan::score_batch(std::span<const Slot> slots) {
  const VectorSlab& slab = *view_.slab;
  for (std::size_t i = 0; i < slots.size(); ++i) scratch_.pointers[i] = view_.codes(slots[i]);
  kernels().dot_rows_fine(scratch_.pointers.data(), slots.size(), query_.coded(),
                          slab.coder().code_stride(), scratch_.dots.data());

  const std::size_t base = scratch_.slots.size();
  scratch_.slots.insert(scratch_.slots.end(), slots.begin(), slots.end());
  scratch_.uppers.resize(base + slots.size());
  const float fine_scale = query_.fine_scale();
  const bool has_runs = view_.has_runs;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const CodeHeader& header = slab.header(slots[i]);
    const float estimate = scratch_.dots[i] * (header.scale * fine_scale);
    scratch_.uppers[base + i] = estimate + query_.bound(header.error);
    if (has_runs) [[unlikely]] {
      seeds_.offer_of_run(base + i, slots[i], estimate);
    } else {
      seeds_.offer(base + i, estimate);
    }
  }
}

void ExactScan::rerank(std::size_t i) {
  const Slot slot = scratch_.slots[i];
  float score = view_.exact(query_, slot);
  scratch_.uppers[i] = kDone;
  if (view_.has_runs) score = best_of_run(run_at(view_, scratch_.slots, i), score);
  top_.offer({view_.slab->row(slot), score});
}

// The best of a row's slots, of which one has `score` and those that cannot reach it are let be.
float ExactScan::best_of_run(const PlaceRun& run, float score) {
  for (std::size_t i = run.first; i < run.last; ++i) {
    if (scratch_.uppers[i] > score) {
      score = std::max(score, view_.exact(query_, scratch_.slots[i]));
    }
    scratch_.uppers[i] = kDone;
  }
  return score;
}

void ExactScan::finish() {
  for (const ScoredRow& seed : seeds_.take()) rerank(seed.row);
  top_.settle();
  for (std::size_t i = 0; i < scratch_.uppers.size(); ++i) {
    // >=: an equal score may come first all the same. The threshold only rises on the way.
    if (scratch_.uppers[i] >= top_.threshold() && scratch_.uppers[i] != kDone) rerank(i);
  }
}

}  // namespace tulving::index
