// Which way a search takes: the scan, the scan of what a filter leaves, or a walk of the graph.

#include "index/vectors/vector_arm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/check.h"
#include "index/vectors/exact_scan.h"
#include "index/vectors/sketch_scan.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {
namespace {

constexpr double kBudgetSlack = 1.5;  // A walk may cost this much more than was predicted.

// Below, a filter's rows are scanned by their codes: it takes some 20 us, and is exact.
constexpr std::uint64_t kScannedAtOnce = 256;
// What follows the sketches, the rows that may be among the best, takes about half as long again.
constexpr double kSketchSlack = 1.5;
// A walk meets a dozen rows for each entry of its pool with m = 16, or, where ef is as large as the
// cluster that it is in, two or three. One that met fewer than these was shut in, by many equal
// rows that lead to each other only. Where a scan is cheap, one that met fewer than m times the
// other is not believed either.
constexpr double kMetPerEntry = 1.5;
constexpr double kMetPerLink = 0.25;
// A scan that takes so many times what the walk does is cheap.
constexpr double kCheapScan = 5.0;
// What a filter leaves is scanned where a walk would not save so many nanoseconds: the scan is
// exact.
constexpr double kWorthWalking = 10'000;
// A pool has as many rows that count as ef asks for, if those are as frequent around the query as
// elsewhere. With fewer than this share of them the walk was in the wrong place.
constexpr double kExpectedInPool = 0.5;

// Wider pools than this cost more to keep sorted than they find.
constexpr std::uint32_t kEfMax = 20'000;

struct SlotCollector {
  const std::vector<Slot>* slot_of;
  std::vector<Slot>* slots;
};

bool collect_slot(std::uint32_t row, void* context) {
  const auto* collector = static_cast<SlotCollector*>(context);
  if (row >= collector->slot_of->size()) return false;  // Rows ascend: no vectors beyond.
  const Slot slot = (*collector->slot_of)[row];
  if (slot != kNothing) collector->slots->push_back(slot);
  return true;
}

std::vector<Slot>& slot_scratch() {
  thread_local std::vector<Slot> slots;
  slots.clear();
  return slots;
}

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kAhead = 2;  // rows

}  // namespace

class VectorArm::Impl {
 public:
  Impl(const VectorIndex::Impl& index, const VectorQuery& query)
      : index_(index),
        query_(query),
        view_(index.segment().view()),
        prepared_(index.coder(), query.vector) {}

  VectorMatches best(std::uint32_t k, RowOrder order, std::size_t scores);
  void score(std::span<const std::uint32_t> rows, std::span<float> cosines) const;

 private:
  /// One call of best().
  struct Run {
    std::uint32_t k = 0;         ///< As asked for.
    std::uint64_t matching = 0;  ///< Live vectors that are allowed.
    std::uint64_t count = 0;     ///< Rows that the answer has: min(k, matching).
    TopRows top;
    Deadline deadline;
    VectorMatches matches;
  };

  std::uint64_t allowed_vectors() const;
  std::vector<Slot>& allowed_slots() const;
  void scan_everything(Run& run);
  void scan(Run& run) const;
  void search(Run& run);
  void scan_sketches(Run& run) const;
  bool walk(Run& run, double ef, double budget, double met_least) const;
  void scan_waiting(Run& run) const;

  const VectorIndex::Impl& index_;
  const VectorQuery query_;  // whose vector is not looked at again
  const VectorView view_;
  const PreparedQuery prepared_;
  QuerySketch sketch_;          // Set by search(): a scan of everything needs none.
  std::vector<float> cosines_;  // By slot, NaN where unknown; empty: none is known.
};

std::uint64_t VectorArm::Impl::allowed_vectors() const {
  return query_.allowed == nullptr ? view_.slab->live_count()
                                   : index_.rows().and_cardinality(*query_.allowed);
}

// Of the rows that may be found; a scratch of the thread's.
std::vector<Slot>& VectorArm::Impl::allowed_slots() const {
  std::vector<Slot>& slots = slot_scratch();
  SlotCollector collector{&index_.slots_by_row(), &slots};
  (query_.allowed == nullptr ? index_.rows() : *query_.allowed).iterate(collect_slot, &collector);
  return slots;
}

VectorMatches VectorArm::Impl::best(std::uint32_t k, RowOrder order, std::size_t scores) {
  const std::uint64_t matching = allowed_vectors();
  const std::uint64_t count = std::min<std::uint64_t>(k, matching);
  if (count == 0) return {};
  Run run{.k = k,
          .matching = matching,
          .count = count,
          .top = TopRows(count, query_.ties),
          .deadline = Deadline(query_.deadline),
          .matches = {}};
  const bool by_scan = query_.exact || view_.covered == 0;
  // Forms are up to twice the bytes of codes, and k of them are read after a scan of codes.
  if (by_scan && !query_.deadline && 2 * (k + scores) >= matching) {
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

void VectorArm::Impl::score(std::span<const std::uint32_t> rows, std::span<float> cosines) const {
  TULVING_CHECK(rows.size() == cosines.size());
  const auto known = [this](Slot slot) { return cosines_.empty() ? kUnknown : cosines_[slot]; };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kAhead < rows.size() && cosines_.empty()) {
      const Slot ahead = index_.slot_of(rows[i + kAhead]);
      if (ahead != kNothing) view_.prefetch(ahead);
    }
    const Slot slot = index_.slot_of(rows[i]);
    cosines[i] = slot == kNothing ? kUnknown : known(slot);
    if (slot != kNothing && std::isnan(cosines[i])) cosines[i] = view_.exact(prepared_, slot);
  }
}

// Every cosine by the final form, without a scan of the codes.
void VectorArm::Impl::scan_everything(Run& run) {
  const VectorSlab& slab = *view_.slab;
  thread_local std::vector<ScoredRow> rows;
  rows.clear();
  cosines_.assign(slab.slots(), kUnknown);
  const auto score = [&](Slot slot) {
    cosines_[slot] = view_.exact(prepared_, slot);
    rows.push_back({slab.row(slot), cosines_[slot]});
  };
  if (query_.allowed == nullptr) {  // Side by side: the processor reads ahead itself.
    for (Slot slot = 0; slot < slab.slots(); ++slot) {
      if (slab.live(slot)) score(slot);
    }
  } else {
    const std::vector<Slot>& slots = allowed_slots();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (i + kAhead < slots.size()) view_.prefetch(slots[i + kAhead]);
      score(slots[i]);
    }
  }
  TULVING_DCHECK(rows.size() == run.matching);
  best_to_front(rows, run.count, query_.ties);
  for (std::size_t i = 0; i < run.count; ++i) run.top.add(rows[i]);
  run.matches.plan = query_.allowed == nullptr ? VectorPlan::kScan : VectorPlan::kFilteredScan;
  run.matches.scored += rows.size();
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
  const double budget = std::max(1000.0, kBudgetSlack * by_scan / costs.walk_row);
  const double per_link = kMetPerLink * index_.m();
  const double met_least =
      ef * (by_scan < kCheapScan * costs.of_walk(ef) ? per_link : std::min(kMetPerEntry, per_link));
  const double worth = query_.allowed == nullptr ? 0 : kWorthWalking;
  const bool walks = ef <= kEfMax && costs.of_walk(ef) + worth <= by_scan;
  if (walks && view_.graph->damaged() == 0 && walk(run, ef, budget, met_least)) return;
  run.top = TopRows(run.count, query_.ties);
  run.matches.approximate = false;
  if (by_sketches < by_codes) {
    scan_sketches(run);
  } else {
    scan(run);
  }
}

// Answers from the graph and the waiting rows. False: the walk fell short of k rows, spent more
// than `budget` rows, met too few of a filter's rows to have been where they are, or ended among
// equally near ones, and `top` is garbage. A walk meets some of many equal vectors, and which they
// are depends on how the graph grew: only a scan knows all that the answer is to be chosen from.
bool VectorArm::Impl::walk(Run& run, double ef, double budget, double met_least) const {
  WalkRequest request;
  request.query = &prepared_;
  request.sketch = &sketch_;
  request.allowed = query_.allowed;
  request.covered = view_.covered;  // The others are scanned: once is enough.
  request.ef = static_cast<std::uint32_t>(ef);
  request.wanted = std::max(2 * run.k, 32U);
  request.scored_max = static_cast<std::uint64_t>(budget);
  const WalkAnswer answer = view_.graph->search(request, run.deadline);
  if (view_.graph->damaged() != 0) return false;  // A node on the way had lost its links.
  run.matches.scored += answer.scored;

  const VectorSlab& slab = *view_.slab;
  run.top = TopRows(run.count + 1, query_.ties);  // One more, to see where equal scores end.
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    if (i + kAhead < answer.hits.size()) view_.prefetch(answer.hits[i + kAhead].slot);
    const Slot slot = answer.hits[i].slot;
    run.top.offer({slab.row(slot), view_.exact(prepared_, slot)});
  }
  scan_waiting(run);
  run.matches.plan = query_.allowed == nullptr ? VectorPlan::kGraph : VectorPlan::kFilteredGraph;
  run.matches.approximate = true;
  const bool parted = run.top.narrow(run.count);
  if (run.deadline.struck()) return true;
  const bool met = query_.allowed == nullptr ||
                   answer.allowed_in_pool >= kExpectedInPool * std::max(query_.ef, run.k);
  const bool shut_in = static_cast<double>(answer.met) < met_least;
  return run.top.full() && !answer.over_budget && parted && met && !shut_in;
}

void VectorArm::Impl::scan_waiting(Run& run) const {
  const VectorSlab& slab = *view_.slab;
  if (view_.covered >= slab.slots()) return;
  ExactScan scan(view_, prepared_, run.top, run.k, run.deadline);
  if (query_.allowed == nullptr) {
    scan.add_range(view_.covered, slab.slots());
  } else {
    std::vector<Slot>& slots = slot_scratch();
    for (Slot slot = view_.covered; slot < slab.slots(); ++slot) {
      if (slab.live(slot) && query_.allowed->contains(slab.row(slot))) slots.push_back(slot);
    }
    scan.add_slots(slots);
  }
  scan.finish();
  run.matches.scored += scan.scored();
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
