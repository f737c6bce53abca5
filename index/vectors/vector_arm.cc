// Which way a search takes: the scan, the scan of what a filter leaves, or a walk of the graph.

#include "index/vectors/vector_arm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/check.h"
#include "index/vectors/exact_scan.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {
namespace {

// Costs in nanoseconds, for the choice between scanning what a filter leaves and walking. Only
// their ratios matter. bench/vector_bench.cc, 20,000 x 1536, Zen 5 core, avx512vnni: scanning 1,960
// scattered rows took 70 us; at 512 dimensions 13 ns a row.
constexpr double kScanRow = 2.0;       // A row of codes, plus
constexpr double kScanByte = 0.022;    // its bytes.
constexpr double kWalkOverhead = 3.5;  // A walk: 126 ns a scored row, locks and pool included.
constexpr double kScoredPerPoolEntry = 13.0;  // Rows scored: 562 at ef 32, 871 at 64, 1,379 at 128.
constexpr double kBudgetSlack = 1.5;          // A walk may cost this much more than was predicted.

// Wider pools than this cost more to keep sorted than they find.
constexpr std::uint32_t kEfMax = 20'000;

class AllowedSlots final : public SlotFilter {
 public:
  AllowedSlots(const VectorView& view, const Roaring* allowed) : view_(view), allowed_(allowed) {}

  // Slots from `covered` on are scanned by the same search: once is enough.
  bool accepts(Slot slot) const override {
    return slot < view_.covered && view_.slab->live(slot) &&
           (allowed_ == nullptr || allowed_->contains(view_.slab->row(slot)));
  }

 private:
  const VectorView& view_;
  const Roaring* allowed_;
};

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

double scan_cost(std::uint64_t rows, std::size_t code_stride) {
  return static_cast<double>(rows) * (kScanRow + kScanByte * static_cast<double>(code_stride));
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
  bool walk(Run& run) const;
  void scan_waiting(Run& run) const;

  const VectorIndex::Impl& index_;
  const VectorQuery query_;  // whose vector is not looked at again
  const VectorView view_;
  const PreparedQuery prepared_;
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
  } else if (by_scan || !walk(run)) {
    run.top = TopRows(count, query_.ties);
    run.matches.approximate = false;
    scan(run);
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
  const std::vector<Slot>& slots = allowed_slots();
  cosines_.assign(slab.slots(), kUnknown);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (i + kAhead < slots.size()) view_.prefetch(slots[i + kAhead]);
    const float cosine = view_.exact(prepared_, slots[i]);
    cosines_[slots[i]] = cosine;
    run.top.offer({slab.row(slots[i]), cosine});
  }
  run.matches.plan = query_.allowed == nullptr ? VectorPlan::kScan : VectorPlan::kFilteredScan;
  run.matches.scored += slots.size();
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

// Answers from the graph and the waiting rows. False: scanning is cheaper, or the walk fell short
// of k rows, ran over its budget, or ended among equally near rows, and `top` is garbage. A walk
// meets some of many equal vectors, and which they are depends on how the graph grew: only a scan
// knows all that the answer is to be chosen from.
bool VectorArm::Impl::walk(Run& run) const {
  if (view_.graph->damaged() != 0) return false;
  const std::uint32_t nodes = view_.graph->size();
  const auto live = static_cast<double>(view_.slab->live_count());
  const double filter_share = static_cast<double>(run.matching) / live;
  const double live_share =
      std::max(0.1, 1.0 - static_cast<double>(index_.segment().dead_nodes) / std::max(1U, nodes));
  // The pool must hold ef rows that count, among those that only lead on.
  const double ef = std::ceil(std::max(query_.ef, run.k) / (filter_share * live_share));
  const double walk_cost =
      scan_cost(1, index_.coder().code_stride()) * kWalkOverhead * ef * kScoredPerPoolEntry;
  const double cost_of_scan = scan_cost(run.matching, index_.coder().code_stride());
  if (ef > kEfMax || walk_cost > cost_of_scan) return false;

  const AllowedSlots filter(view_, query_.allowed);
  WalkRequest request;
  request.query = &prepared_;
  request.filter = &filter;
  request.ef = static_cast<std::uint32_t>(ef);
  request.wanted = std::max(2 * run.k, 32U);
  // By then it has cost more than the scan would.
  request.scored_max = std::max<std::uint64_t>(
      1000,
      static_cast<std::uint64_t>(kBudgetSlack * static_cast<double>(run.matching) / kWalkOverhead));
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
  return run.deadline.struck() || (run.top.full() && !answer.over_budget && parted);
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
