// A search's walks of the graph, and what still waits for it.

#include <algorithm>
#include <cmath>
#include <roaring/roaring.hh>

#include "index/vectors/exact_scan.h"
#include "index/vectors/vector_arm_impl.h"

namespace tulving::index {
namespace {

constexpr double kBudgetSlack = 1.5;  // A walk may cost this much more than was predicted.

// A walk meets a dozen rows for each entry of its pool with m = 16, or, where ef is as large as the
// cluster that it is in, two or three. One that met fewer than these was shut in, by many equal
// rows that lead to each other only. Where a scan is cheap, one that met fewer than m times the
// other is not believed either.
constexpr double kMetPerEntry = 1.5;
constexpr double kMetPerLink = 0.25;
// A scan that takes so many times what the walk does is cheap.
constexpr double kCheapScan = 5.0;
// A pool has as many rows that count as ef asks for, if those are as frequent around the query as
// elsewhere. With fewer than this share of them the walk was in the wrong place.
constexpr double kExpectedInPool = 0.5;

// A walk whose pool has fewer rows than this share of what ef asks for, because some have many
// vectors there, is taken again with a wider one, a few times at most.
constexpr double kRowsInPool = 0.5;
constexpr double kWiderThanLacking = 1.5;
constexpr double kWiderByMost = 8.0;
constexpr int kWalksMax = 4;

}  // namespace

// As wide as it takes to meet about as many rows as ef asks for, which is what it is without rows
// of several vectors. False: no walk is an answer that takes less than a scan.
bool VectorArm::Impl::walk(Run& run, const SearchCosts& costs, double ef, double by_scan) const {
  const double budget = std::max(1000.0, kBudgetSlack * by_scan / costs.walk_row);
  const double per_link = kMetPerLink * index_.m();
  for (int walks = 0; walks < kWalksMax && ef <= kEfMax && costs.of_walk(ef) <= by_scan; ++walks) {
    const bool is_scan_cheap = by_scan < kCheapScan * costs.of_walk(ef);
    const double met_least = ef * (is_scan_cheap ? per_link : std::min(kMetPerEntry, per_link));
    const Walked walked = walk_once(run, ef, budget, met_least);
    if (walked.wider_by <= 1) return walked.is_answer;
    ef = std::ceil(ef * walked.wider_by);
  }
  return false;
}

// Answers from the graph and the waiting rows. No answer: the walk fell short of k rows, spent more
// than `budget` rows, met too few of a filter's rows to have been where they are, or ended among
// equally near ones, and `top` is garbage. A walk meets some of many equal vectors, and which they
// are depends on how the graph grew: only a scan knows all that the answer is to be chosen from.
VectorArm::Impl::Walked VectorArm::Impl::walk_once(Run& run, double ef, double budget,
                                                   double met_least) const {
  const std::uint32_t rows_wanted = std::max(2 * run.k, 32U);
  WalkRequest request;
  request.query = &prepared_;
  request.sketch = &sketch_;
  request.allowed = query_.allowed;
  request.covered = waiting_from_;  // The others are scanned: once is enough.
  request.ef = static_cast<std::uint32_t>(ef);
  request.wanted = view_.has_runs ? std::max(rows_wanted, request.ef) : rows_wanted;
  request.scored_max = static_cast<std::uint64_t>(budget);
  const WalkAnswer answer = view_.graph->search(request, run.deadline);
  if (view_.graph->damaged() != 0) return {};  // A node on the way had lost its links.
  run.matches.scored += answer.scored;

  run.top = TopRows(run.count + 1, query_.ties);  // One more, to see where equal scores end.
  const FoundRows found = offer_hits(run, answer, rows_wanted, request.ef);
  if (const double wider = wider_by(run, found); wider > 1) return {false, wider};
  scan_waiting(run);
  run.matches.plan = query_.allowed == nullptr ? VectorPlan::kGraph : VectorPlan::kFilteredGraph;
  run.matches.approximate = true;
  const bool parted = run.top.narrow(run.count);
  if (run.deadline.struck()) return {true};
  const bool met = query_.allowed == nullptr ||
                   answer.allowed_in_pool >= kExpectedInPool * std::max(query_.ef, run.k);
  const bool shut_in = static_cast<double>(answer.met) < met_least;
  return {run.top.full() && !answer.over_budget && parted && met && !shut_in};
}

// Ranks what a walk found by the final forms, each row by the best of its vectors, whether the walk
// met that one or not.
VectorArm::Impl::FoundRows VectorArm::Impl::offer_hits(Run& run, const WalkAnswer& answer,
                                                       std::size_t rows_max,
                                                       std::size_t pool) const {
  const VectorSlab& slab = *view_.slab;
  const std::vector<WalkHit>& hits = answer.hits;
  if (query_.allowed != nullptr) pool = answer.allowed_in_pool;
  FoundRows found;
  Roaring seen;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (i + kFormsAhead < hits.size() && found.all <= rows_max) {
      view_.prefetch(hits[i + kFormsAhead].slot);
    }
    const Slot slot = hits[i].slot;
    const std::uint32_t row = slab.row(slot);
    if (!view_.has_runs) {
      run.top.offer({row, view_.exact(prepared_, slot)});
    } else if (seen.addChecked(row)) {
      if (++found.all <= rows_max) run.top.offer({row, best_of_row(view_.run_begin(slot))});
      if (i < pool) ++found.in_pool;
    }
  }
  found.vectors = hits.size();
  return found;
}

// 1: the pool had rows enough, or more of them would not come of a wider one.
double VectorArm::Impl::wider_by(const Run& run, const FoundRows& found) const {
  if (!view_.has_runs || run.deadline.struck()) return 1;
  const auto there = static_cast<double>(run.rows);
  const double least = std::min(there, kRowsInPool * std::max(query_.ef, run.k));
  const bool is_short =
      static_cast<double>(found.all) < std::min(there, static_cast<double>(run.count) + 1);
  const auto in_pool = static_cast<double>(found.in_pool);
  if (static_cast<double>(found.vectors) < least || (in_pool >= least && !is_short)) return 1;
  return std::clamp(kWiderThanLacking * least / std::max(1.0, in_pool), kWiderThanLacking,
                    kWiderByMost);
}

void VectorArm::Impl::scan_waiting(Run& run) const {
  const VectorSlab& slab = *view_.slab;
  if (waiting_from_ >= slab.slots()) return;
  ExactScan scan(view_, prepared_, run.top, run.k, run.deadline);
  if (query_.allowed == nullptr) {
    scan.add_range(waiting_from_, slab.slots());
  } else {
    std::vector<Slot>& slots = slot_scratch();
    for (Slot slot = waiting_from_; slot < slab.slots(); ++slot) {
      if (slab.live(slot) && query_.allowed->contains(slab.row(slot))) slots.push_back(slot);
    }
    scan.add_slots(slots);
  }
  scan.finish();
  run.matches.scored += scan.scored();
}

}  // namespace tulving::index
