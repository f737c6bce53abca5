// Which way a search takes: the scan, the scan of what a filter leaves, or a walk of the graph.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

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

}  // namespace

VectorMatches VectorIndex::Impl::search(const VectorQuery& query) const {
  VectorMatches matches;
  const VectorView view = current_->view();
  const std::uint64_t live = view.slab->live_count();
  const std::uint64_t matching =
      query.allowed == nullptr ? live : rows_.and_cardinality(*query.allowed);
  if (matching == 0 || query.k == 0) return matches;

  Deadline deadline(query.deadline);
  const PreparedQuery prepared(coder_, query.vector);
  const std::size_t k = static_cast<std::size_t>(std::min<std::uint64_t>(query.k, matching));
  TopRows top(k);
  if (query.exact || view.covered == 0 ||
      !walk(view, query, prepared, matching, top, deadline, matches)) {
    top = TopRows(k);
    matches.approximate = false;
    scan(view, query, prepared, top, deadline, matches);
  }
  matches.rows = top.take();
  matches.partial = deadline.struck();
  return matches;
}

void VectorIndex::Impl::scan(const VectorView& view, const VectorQuery& query,
                             const PreparedQuery& prepared, TopRows& top, Deadline& deadline,
                             VectorMatches& matches) const {
  ExactScan scan(view, prepared, top, query.k, deadline);
  if (query.allowed == nullptr) {
    matches.plan = VectorPlan::kScan;
    scan.add_range(0, view.slab->slots());
  } else {
    matches.plan = VectorPlan::kFilteredScan;
    std::vector<Slot>& slots = slot_scratch();
    SlotCollector collector{&slot_of_, &slots};
    query.allowed->iterate(collect_slot, &collector);
    scan.add_slots(slots);
  }
  scan.finish();
  matches.scored += scan.scored();
}

// Answers from the graph and the waiting rows. False: scanning is cheaper, or the walk fell short
// of k rows or ran over its budget, and `top` is garbage.
bool VectorIndex::Impl::walk(const VectorView& view, const VectorQuery& query,
                             const PreparedQuery& prepared, std::uint64_t matching, TopRows& top,
                             Deadline& deadline, VectorMatches& matches) const {
  const std::uint32_t nodes = view.graph->size();
  const auto live = static_cast<double>(view.slab->live_count());
  const double filter_share = static_cast<double>(matching) / live;
  const double live_share =
      std::max(0.1, 1.0 - static_cast<double>(current_->dead_nodes) / std::max(1U, nodes));
  // The pool must hold ef rows that count, among those that only lead on.
  const double ef = std::ceil(std::max(query.ef, query.k) / (filter_share * live_share));
  const double walk_cost =
      scan_cost(1, coder_.code_stride()) * kWalkOverhead * ef * kScoredPerPoolEntry;
  const double cost_of_scan = scan_cost(matching, coder_.code_stride());
  if (ef > kEfMax || walk_cost > cost_of_scan) return false;

  const AllowedSlots filter(view, query.allowed);
  WalkRequest request;
  request.query = &prepared;
  request.filter = &filter;
  request.ef = static_cast<std::uint32_t>(ef);
  request.wanted = std::max(2 * query.k, 32U);
  // By then it has cost more than the scan would.
  request.scored_max = std::max<std::uint64_t>(
      1000,
      static_cast<std::uint64_t>(kBudgetSlack * static_cast<double>(matching) / kWalkOverhead));
  const WalkAnswer answer = view.graph->search(request, deadline);
  matches.scored += answer.scored;

  const VectorSlab& slab = *view.slab;
  constexpr std::size_t kHalvesPerLine = kCacheLine / sizeof(std::uint16_t);
  for (const WalkHit& hit : answer.hits) {
    for (std::size_t line = 0; line < 4; ++line) {
      __builtin_prefetch(slab.halves(hit.slot) + line * kHalvesPerLine);
    }
  }
  for (const WalkHit& hit : answer.hits) {
    top.offer({slab.row(hit.slot), slab.exact(prepared, hit.slot)});
  }
  scan_waiting(view, query, prepared, top, deadline, matches);
  matches.plan = query.allowed == nullptr ? VectorPlan::kGraph : VectorPlan::kFilteredGraph;
  matches.approximate = true;
  return deadline.struck() || (top.full() && !answer.over_budget);
}

void VectorIndex::Impl::scan_waiting(const VectorView& view, const VectorQuery& query,
                                     const PreparedQuery& prepared, TopRows& top,
                                     Deadline& deadline, VectorMatches& matches) const {
  const VectorSlab& slab = *view.slab;
  if (view.covered >= slab.slots()) return;
  ExactScan scan(view, prepared, top, query.k, deadline);
  if (query.allowed == nullptr) {
    scan.add_range(view.covered, slab.slots());
  } else {
    std::vector<Slot>& slots = slot_scratch();
    for (Slot slot = view.covered; slot < slab.slots(); ++slot) {
      if (slab.live(slot) && query.allowed->contains(slab.row(slot))) slots.push_back(slot);
    }
    scan.add_slots(slots);
  }
  scan.finish();
  matches.scored += scan.scored();
}

}  // namespace tulving::index
