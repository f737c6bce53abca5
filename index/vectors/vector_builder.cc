// What happens in the background: waiting vectors join the graph, and a graph with many dead nodes
// is built anew beside the old one, which answers until reclaim() puts the new one in its place.

#include <algorithm>

#include "core/base/check.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {
namespace {

// Past this share of dead nodes walks pass through too many to be worth keeping: their cost grows
// by 1 / (1 - share), and clusters of dead nodes hide live ones behind them.
constexpr double kDeadShareMax = 0.20;
// Rows that reclaim() may move by itself, without a graph insertion: some 2 us each.
constexpr Slot kRowsMovedAtOnce = 1024;
// A slab without a graph is compacted when it is mostly holes and worth the trouble.
constexpr Slot kCompactSlotsMin = 2048;

// Room for a quarter more: each place costs 54 bytes, used or not (a mutex of 40 above all).
std::uint32_t room_for(std::uint32_t nodes) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
      std::max<std::uint64_t>(1024, std::uint64_t{nodes} * 5 / 4), kNothing));
}

}  // namespace

bool VectorSegment::full() const { return graph != nullptr && graph->size() >= graph->capacity(); }

bool VectorSegment::wants_room() const {
  return graph != nullptr && graph->size() > graph->capacity() / 8 * 7;
}

double VectorSegment::dead_share() const {
  return graph == nullptr || graph->size() == 0
             ? 0.0
             : static_cast<double>(dead_nodes) / static_cast<double>(graph->size());
}

// A vector on its way into a graph, copied so that the insertion needs no lock.
struct VectorIndex::Impl::Claim {
  Slot slot = kNothing;
  CodeHeader header;
  std::vector<std::uint8_t> codes;
};

bool VectorIndex::Impl::graph_wanted() const {
  return current_->graph != nullptr || current_->slab.live_count() > options_.exact_rows_max;
}

bool VectorIndex::Impl::waiting() const { return current_->taken < current_->slab.slots(); }

// Few enough rows left for reclaim() to move them at once.
bool VectorIndex::Impl::rebuild_nearly_done() const {
  const Slot slots = current_->slab.slots();
  return next_ != nullptr && slots - copied_ <= std::min(kRowsMovedAtOnce, slots / 8);
}

bool VectorIndex::Impl::rebuild_wanted() const {
  return next_ == nullptr && current_->dead_share() > kDeadShareMax;
}

bool VectorIndex::Impl::wants_building() const {
  const MutexLock lock(mutex_);
  if (waiting() && graph_wanted() && !current_->full()) return true;
  if (next_ == nullptr) return rebuild_wanted();
  return copied_ < current_->slab.slots() && !next_->full();
}

// Inserts one vector somewhere. False: nothing to do.
bool VectorIndex::Impl::build_one() {
  const MutexLock build_lock(build_mutex_);
  bool insert = false;
  bool rebuild = false;
  {
    const MutexLock lock(mutex_);
    insert = waiting() && graph_wanted() && !current_->full();
    rebuild = next_ != nullptr || rebuild_wanted();
  }
  // Waiting rows first: each search pays for them.
  if (insert && insert_waiting()) return true;
  return rebuild && copy_to_next();
}

bool VectorIndex::Impl::insert_waiting() {
  VectorSegment& segment = *current_;
  if (segment.graph == nullptr) {
    std::uint32_t live = 0;
    {
      const MutexLock lock(mutex_);
      live = segment.slab.live_count();
    }
    auto graph = std::make_unique<HnswGraph>(coder_, options_, room_for(live));
    const MutexLock lock(mutex_);
    segment.graph = std::move(graph);
  }
  Claim claim;
  Slot passed = 0;
  {
    const MutexLock lock(mutex_);
    VectorSlab& slab = segment.slab;
    while (segment.taken < slab.slots() && !slab.live(segment.taken)) ++segment.taken;
    passed = segment.taken;
    if (segment.taken < slab.slots()) {
      claim.slot = segment.taken++;
      claim.header = slab.header(claim.slot);
      const std::uint8_t* codes = slab.codes(claim.slot);
      claim.codes.assign(codes, codes + coder_.code_stride());
    }
  }
  if (claim.slot == kNothing) {
    if (segment.graph->size() != 0) segment.covered.store(passed, std::memory_order_release);
    return false;
  }
  const std::uint32_t id = segment.graph->insert(claim.slot, claim.header, claim.codes.data());
  {
    const MutexLock lock(mutex_);
    segment.slab.set_graph_id(claim.slot, id);
  }
  segment.covered.store(claim.slot + 1, std::memory_order_release);
  return true;
}

// Copies a live slot of current_. Its codes may be the graph's.
Slot VectorIndex::Impl::copy_slot(Slot from, VectorSlab& to) const {
  const VectorView view = current_->view();
  const Slot slot = to.append(view.slab->row(from));
  to.put(slot, view.slab->header(from), view.codes(from), view.slab->residuals(from));
  return slot;
}

void VectorIndex::Impl::start_rebuild() {
  auto segment = std::make_unique<VectorSegment>(coder_);
  std::uint32_t live = 0;
  {
    const MutexLock lock(mutex_);
    live = current_->slab.live_count();
  }
  segment->graph = std::make_unique<HnswGraph>(coder_, options_, room_for(live));
  const MutexLock lock(mutex_);
  next_ = std::move(segment);
  moved_to_.clear();
  copied_ = 0;
}

// Copies one vector of current_ into next_ and inserts it in its graph.
bool VectorIndex::Impl::copy_to_next() {
  if (next_ == nullptr) start_rebuild();
  Claim claim;
  {
    const MutexLock lock(mutex_);
    VectorSlab& from = current_->slab;
    VectorSegment& to = *next_;
    while (copied_ < from.slots() && !from.live(copied_)) {
      ++copied_;
      moved_to_.push_back(kNothing);
    }
    if (copied_ == from.slots() || to.full()) return false;
    claim.slot = copy_slot(copied_, to.slab);
    claim.header = to.slab.header(claim.slot);
    claim.codes.assign(to.slab.codes(claim.slot), to.slab.codes(claim.slot) + coder_.code_stride());
    to.taken = claim.slot + 1;
    ++copied_;
    moved_to_.push_back(claim.slot);
  }
  const std::uint32_t id = next_->graph->insert(claim.slot, claim.header, claim.codes.data());
  const MutexLock lock(mutex_);
  next_->slab.set_graph_id(claim.slot, id);
  next_->covered.store(claim.slot + 1, std::memory_order_release);
  return true;
}

bool VectorIndex::Impl::wants_reclaim() const {
  const MutexLock lock(mutex_);
  const VectorSegment& segment = *current_;
  const Slot slots = segment.slab.slots();
  if (rebuild_nearly_done() || (next_ != nullptr && next_->wants_room())) return true;
  if (segment.graph == nullptr) {
    return slots >= kCompactSlotsMin && segment.slab.live_count() < slots / 2;
  }
  if (segment.slab.live_count() <= options_.exact_rows_max / 2) return true;
  if (segment.wants_room()) return true;
  const std::size_t whole =
      segment.covered.load(std::memory_order_acquire) / VectorSlab::kChunkRows;
  return whole != 0 && segment.slab.chunk(whole - 1).codes != nullptr;
}

void VectorIndex::Impl::reclaim() {
  const MutexLock build_lock(build_mutex_);
  const MutexLock lock(mutex_);
  const std::uint32_t live = current_->slab.live_count();
  const bool graph_too_large = current_->graph != nullptr && live <= options_.exact_rows_max / 2;
  const bool mostly_holes = current_->graph == nullptr &&
                            current_->slab.slots() >= kCompactSlotsMin &&
                            live < current_->slab.slots() / 2;
  if (graph_too_large || mostly_holes) {
    compact();
  } else if (rebuild_nearly_done()) {
    // The last few rows go over as waiting ones.
    for (; copied_ < current_->slab.slots(); ++copied_) {
      if (!current_->slab.live(copied_)) {
        moved_to_.push_back(kNothing);
        continue;
      }
      moved_to_.push_back(copy_slot(copied_, next_->slab));
    }
    adopt(std::move(next_), std::move(moved_to_));
  }
  for (VectorSegment* segment : {current_.get(), next_.get()}) {
    if (segment == nullptr || !segment->wants_room()) continue;
    segment->graph->grow(room_for(segment->graph->capacity()));
  }
  free_covered_codes();
}

// Moves the live vectors together, without a graph: there are few.
void VectorIndex::Impl::compact() {
  auto segment = std::make_unique<VectorSegment>(coder_);
  const VectorSlab& from = current_->slab;
  std::vector<Slot> moved_to(from.slots(), kNothing);
  for (Slot slot = 0; slot < from.slots(); ++slot) {
    if (!from.live(slot)) continue;
    moved_to[slot] = copy_slot(slot, segment->slab);
  }
  adopt(std::move(segment), std::move(moved_to));
}

void VectorIndex::Impl::adopt(std::unique_ptr<VectorSegment> segment, std::vector<Slot> moved_to) {
  for (Slot& slot : slot_of_) {
    if (slot == kNothing) continue;
    TULVING_CHECK(slot < moved_to.size() && moved_to[slot] != kNothing);
    slot = moved_to[slot];
  }
  current_ = std::move(segment);
  next_.reset();
  moved_to_.clear();
  copied_ = 0;
}

// A chunk's codes, once the graph's rows hold them all.
void VectorIndex::Impl::free_covered_codes() {
  const std::size_t whole =
      current_->covered.load(std::memory_order_acquire) / VectorSlab::kChunkRows;
  for (std::size_t i = 0; i < whole; ++i) current_->slab.chunk(i).codes.reset();
}

}  // namespace tulving::index
