// Which way a search takes: the scan, the scan of what a filter leaves, or a walk of the graph.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/check.h"
#include "index/vectors/exact_scan.h"
#include "index/vectors/sketch_scan.h"
#include "index/vectors/vector_arm_impl.h"

namespace tulving::index {
namespace {

// Below, a filter's rows are scanned by their codes: it takes some 20 us, and is exact.
constexpr std::uint64_t kScannedAtOnce = 256;
// What follows the sketches, the rows that may be among the best, takes about half as long again.
constexpr double kSketchSlack = 1.5;
// What a filter leaves is scanned where a walk would not save so many nanoseconds: the scan is
// exact.
constexpr double kWorthWalking = 10'000;

struct SlotCollector {
  const std::vector<Slot>* slot_of;
  const VectorView* view;
  std::vector<Slot>* slots;
};

template <bool kHasRuns>
bool collect_slots(std::uint32_t row, void* context) {
  const auto* collector = static_cast<SlotCollector*>(context);
  if (row >= collector->slot_of->size()) return false;  // Rows ascend: no vectors beyond.
  Slot slot = (*collector->slot_of)[row];
  if (slot == kNothing) return true;
  collector->slots->push_back(slot);
  if constexpr (kHasRuns) {
    const Slot end = collector->view->run_end(slot);
    while (++slot < end) collector->slots->push_back(slot);
  }
  return true;
}

}  // namespace

Slot VectorArm::Impl::first_waiting(const VectorView& view) {
  const bool is_between = view.covered < view.slab->slots() && view.slab->live(view.covered);
  return is_between ? view.run_begin(view.covered) : view.covered;
}

std::uint64_t VectorArm::Impl::allowed_rows() const {
  if (query_.allowed != nullptr) return index_.rows().and_cardinality(*query_.allowed);
  return view_.has_runs ? index_.rows().cardinality() : view_.slab->live_count();
}

std::uint64_t VectorArm::Impl::vectors_of(std::uint64_t rows) const {
  if (!view_.has_runs) return rows;
  const double share = static_cast<double>(rows) / static_cast<double>(index_.rows().cardinality());
  return static_cast<std::uint64_t>(share * static_cast<double>(view_.slab->live_count()));
}

// Of the rows that may be found; a scratch of the thread's.
std::vector<Slot>& VectorArm::Impl::allowed_slots() const {
  std::vector<Slot>& slots = slot_scratch();
  SlotCollector collector{&index_.slots_by_row(), &view_, &slots};
  const Roaring& rows = query_.allowed == nullptr ? index_.rows() : *query_.allowed;
  rows.iterate(view_.has_runs ? collect_slots<true> : collect_slots<false>, &collector);
  return slots;
}

VectorMatches VectorArm::Impl::best(std::uint32_t k, RowOrder order, std::size_t scores) {
  const std::uint64_t rows = allowed_rows();
  const std::uint64_t count = std::min<std::uint64_t>(k, rows);
  if (count == 0) return {};
  const std::uint64_t matching = vectors_of(rows);
  Run run{.k = k,
          .rows = rows,
          .matching = matching,
          .count = count,
          .top = TopRows(count, query_.ties),
          .deadline = Deadline(query_.deadline),
          .matches = {}};
  const bool by_scan = query_.exact || view_.covered == 0;
  // Forms are up to twice the bytes of codes, and k of them are read after a scan of codes.
  if (by_scan && !query_.deadline && 2 * (k + scores) >= rows) {
    scan_everything(run);
  } else if (by_scan || (query_.allowed != nullptr && matching <= kScannedAtOnce)) {
    scan(run);
  } else {
    search(run);
  }
  run.matches.rows = run.top.take(order);
  run.matches.partial = run.deadline.struck();
  return std::move(run.matches);
}

float VectorArm::Impl::best_of_row(Slot first) const {
  const Slot end = view_.run_end(first);
  float best = kUnknownCosine;
  for (Slot slot = first; slot < end; ++slot) {
    float cosine = cosines_.empty() ? kUnknownCosine : cosines_[slot];
    if (std::isnan(cosine)) cosine = view_.exact(prepared_, slot);
    best = std::fmax(best, cosine);
  }
  return best;
}

void VectorArm::Impl::score(std::span<const std::uint32_t> rows, std::span<float> cosines) const {
  TULVING_CHECK(rows.size() == cosines.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kFormsAhead < rows.size() && cosines_.empty()) {
      const Slot ahead = index_.slot_of(rows[i + kFormsAhead]);
      if (ahead != kNothing) view_.prefetch(ahead);
    }
    const Slot slot = index_.slot_of(rows[i]);
    cosines[i] = slot == kNothing ? kUnknownCosine : best_of_row(slot);
  }
}

// Every cosine by the final form, without a scan of the codes.
void VectorArm::Impl::scan_everything(Run& run) {
  const VectorSlab& slab = *view_.slab;
  thread_local std::vector<ScoredRow> rows;
  rows.clear();
  cosines_.assign(slab.slots(), kUnknownCosine);
  const auto score = [&](Slot slot) {
    ++run.matches.scored;
    const float cosine = cosines_[slot] = view_.exact(prepared_, slot);
    const std::uint32_t row = slab.row(slot);
    if (view_.has_runs && !rows.empty() && rows.back().row == row) {
      rows.back().score = std::max(rows.back().score, cosine);
    } else {
      rows.push_back({row, cosine});
    }
  };
  if (query_.allowed == nullptr) {  // Side by side: the processor reads ahead itself.
    for (Slot slot = 0; slot < slab.slots(); ++slot) {
      if (slab.live(slot)) score(slot);
    }
  } else {
    const std::vector<Slot>& slots = allowed_slots();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (i + kFormsAhead < slots.size()) view_.prefetch(slots[i + kFormsAhead]);
      score(slots[i]);
    }
  }
  TULVING_DCHECK(rows.size() == run.rows);
  best_to_front(rows, run.count, query_.ties);
  for (std::size_t i = 0; i < run.count; ++i) run.top.add(rows[i]);
  run.matches.plan = query_.allowed == nullptr ? VectorPlan::kScan : VectorPlan::kFilteredScan;
}

void VectorArm::Impl::scan(Run& run) const {
  ExactScan scan(view_, prepared_, run.top, run.k, run.deadline);
  if (query_.allowed == nullptr) {
    run.matches.plan = VectorPlan::kScan;
    scan.add_range(0, view_.slab->slots());
  } else {
    run.matches.plan = VectorPlan::kFilteredScan;
    scan.add_slots(allowed_slots());
  }
  scan.finish();
  run.matches.scored += scan.scored();
}

// Answers by an exact scan of the rows whose sketches say that they may be among the best.
void VectorArm::Impl::scan_sketches(Run& run) const {
  run.top = TopRows(run.count, query_.ties);
  const std::vector<Slot>& slots = allowed_slots();
  SketchScan sketches(view_, prepared_, sketch_, run.deadline);
  const std::span<const Slot> promising = sketches.promising(slots, run.k, run.top);
  ExactScan scan(view_, prepared_, run.top, run.k, run.deadline);
  scan.add_slots(promising);
  scan.finish();
  run.matches.scored += scan.scored();
  run.matches.plan = VectorPlan::kFilteredSketches;
  run.matches.approximate = true;
  if (!view_.has_runs) return;
  // A sketch may have left out the best vector of a row that is found by another.
  const std::vector<ScoredRow> found = run.top.take(RowOrder::kAny);
  run.top = TopRows(run.count, query_.ties);
  for (const ScoredRow& row : found) {
    run.top.offer({row.row, best_of_row(index_.slot_of(row.row))});
  }
}

// The cheapest way by what each takes on this machine. A walk may turn out to be no answer.
void VectorArm::Impl::search(Run& run) {
  sketch_.set(prepared_.coded(), prepared_.high_scale(), index_.coder().code_stride());
  const auto matching = static_cast<double>(run.matching);
  const double filter_share = matching / static_cast<double>(view_.slab->live_count());
  const double nodes = std::max(1U, view_.graph->size());
  const double live_share = std::max(0.1, 1.0 - index_.segment().dead_nodes / nodes);
  // The pool must hold ef rows that count, among those that only lead on.
  const double ef = std::ceil(std::max(query_.ef, run.k) / (filter_share * live_share));
  const SearchCosts costs = query_.allowed == nullptr
                                ? SearchCosts::assumed(index_.coder().code_stride())
                                : index_.costs().of(view_, prepared_, sketch_);
  const double by_codes = matching * costs.code_row;
  const double by_sketches = query_.allowed == nullptr || sketch_.words() == 0
                                 ? std::numeric_limits<double>::infinity()
                                 : matching * costs.sketch_row * kSketchSlack;
  const double by_scan = std::min(by_codes, by_sketches);
  const double worth = query_.allowed == nullptr ? 0 : kWorthWalking;
  const bool walks = ef <= kEfMax && costs.of_walk(ef) + worth <= by_scan;
  if (walks && view_.graph->damaged() == 0 && walk(run, costs, ef, by_scan)) return;
  run.top = TopRows(run.count, query_.ties);
  run.matches.approximate = false;
  if (by_sketches < by_codes) {
    scan_sketches(run);
  } else {
    scan(run);
  }
}

VectorArm::VectorArm(const VectorIndex& index, const VectorQuery& query) {
  TULVING_CHECK(query.vector.size() == index.dim());
  impl_ = std::make_unique<Impl>(*index.impl_, query);
}
VectorArm::~VectorArm() = default;

VectorMatches VectorArm::best(std::uint32_t k, RowOrder order, std::size_t scores) {
  return impl_->best(k, order, scores);
}
void VectorArm::score(std::span<const std::uint32_t> rows, std::span<float> cosines) const {
  impl_->score(rows, cosines);
}

}  // namespace tulving::index
