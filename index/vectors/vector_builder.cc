// What happens in the background: waiting vectors join the graph, and a graph with many dead nodes
// is built anew beside the old one, which answers until reclaim() puts the new one in its place.

#include <algorithm>
#include <optional>

#include "core/base/check.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {
namespace {

// Past this share of dead nodes walks pass through too many to be worth keeping: their cost grows
// by 1 / (1 - share), and clusters of dead nodes hide live ones behind them.
constexpr double kDeadShareMax = 0.20;
// Rows that reclaim() may move by itself, without a graph insertion: some 2 us each.
constexpr Slot kRowsMovedAtOnce = 1024;
// Some 30 us between two looks at what else there is to do.
constexpr std::uint32_t kNodesProbedAtOnce = 256;
// A slab without a graph is compacted when it is mostly holes and worth the trouble.
constexpr Slot kCompactSlotsMin = 2048;

// Room for a quarter more: each place costs 26 bytes, used or not (8 of them a pointer, 8 a
// sketch's header).
std::uint32_t room_for(std::uint32_t nodes) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
      std::max<std::uint64_t>(1024, std::uint64_t{nodes} * 5 / 4), kNothing));
}

}  // namespace

bool VectorSegment::full() const { return graph != nullptr && graph->added() >= graph->capacity(); }

bool VectorSegment::wants_room() const {
  return graph != nullptr && graph->added() > graph->capacity() / 8 * 7;
}

double VectorSegment::dead_share() const {
  return graph == nullptr || graph->size() == 0
             ? 0.0
             : static_cast<double>(dead_nodes) / static_cast<double>(graph->size());
}

// Slots join in their order, and so do the numbers of their nodes: what lies before the first node
// that is not published has been through.
void VectorSegment::cover() {
  const std::uint32_t published = graph->size();
  if (published == 0) return;
  covered.store(published == graph->added() ? taken : graph->slot(published),
                std::memory_order_release);
}

bool VectorSegment::wants_probe() const {
  const VectorView seen = view();
  return seen.graph != nullptr && seen.graph->wants_probe();
}

bool VectorSegment::probe() { return wants_probe() && graph->probe_step(kNodesProbedAtOnce); }

std::uint32_t VectorSegment::add_node(Slot slot) {
  const std::uint32_t id = graph->add(slot, slab.row(slot), slab.header(slot), slab.codes(slot));
  slab.set_graph_id(slot, id);
  taken = slot + 1;
  return id;
}

void VectorSegment::kill_node(Slot slot) {
  graph->set_row(slab.graph_id(slot), kNothing);
  slab.kill(slot);
  ++dead_nodes;
}

// A node whose vector was copied into its graph, so that connecting it needs no lock.
struct VectorIndex::Impl::Added {
  VectorSegment* segment = nullptr;
  std::uint32_t id = kNothing;
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
  if (next_ != nullptr || current_->graph == nullptr) return false;
  return current_->dead_share() > kDeadShareMax || current_->graph->damaged() != 0;
}

bool VectorIndex::Impl::wants_building() const {
  const MutexLock lock(mutex_);
  if (current_->wants_loading()) return true;
  if (waiting() && graph_wanted() && !current_->full()) return true;
  if (current_->wants_probe()) return true;
  if (next_ == nullptr) return rebuild_wanted();
  if (next_->wants_probe()) return true;
  return copied_ < current_->slab.slots() && !next_->full();
}

std::uint64_t VectorIndex::Impl::rows_to_build() const {
  const MutexLock lock(mutex_);
  const Slot slots = current_->slab.slots();
  const Slot waiting = graph_wanted() ? slots - current_->taken : 0;
  const bool is_rebuilt = next_ != nullptr || rebuild_wanted();
  return std::uint64_t{waiting} + (is_rebuilt ? slots - copied_ : 0);
}

// Inserts one vector somewhere. False: nothing to do. The build lock is shared: whoever holds it
// alone finds no node half connected, and both segments stay where they are while it is held.
bool VectorIndex::Impl::build_one() {
  const ReaderLock build_lock(build_mutex_);
  // Before the next row joins: so the graph is the same, however fast rows come.
  if (probe()) return true;
  // Waiting rows first: each search pays for them.
  std::optional<Added> node = add_waiting();
  if (!node) node = add_copy();
  if (!node) return false;
  node->segment->graph->connect(node->id);
  const MutexLock lock(mutex_);
  node->segment->cover();
  return true;
}

bool VectorIndex::Impl::probe() {
  VectorSegment* next = nullptr;
  {
    const MutexLock lock(mutex_);
    next = next_.get();
  }
  return current_->probe() || (next != nullptr && next->probe());
}

// Copies a live slot of current_. Its codes may be the graph's.
Slot VectorIndex::Impl::copy_slot(Slot from, VectorSlab& to) const {
  const VectorView view = current_->view();
  const Slot slot = to.append(view.slab->row(from));
  to.put(slot, view.slab->header(from), view.codes(from), view.slab->residuals(from));
  return slot;
}

// Gives the waiting vectors their graph. One thread makes it, and set() need not wait meanwhile.
void VectorIndex::Impl::make_graph() {
  const MutexLock start_lock(start_mutex_);
  std::uint32_t live = 0;
  {
    const MutexLock lock(mutex_);
    if (current_->graph != nullptr) return;
    live = current_->slab.live_count();
  }
  auto graph = std::make_unique<HnswGraph>(coder_, options_, room_for(live));
  const MutexLock lock(mutex_);
  current_->graph = std::move(graph);
}

// The next waiting vector, as a node that nothing leads to yet.
std::optional<VectorIndex::Impl::Added> VectorIndex::Impl::add_waiting() {
  VectorSegment& segment = *current_;
  {
    const MutexLock lock(mutex_);
    if (!waiting() || !graph_wanted() || segment.full()) return {};
    if (segment.graph != nullptr) return take_waiting();
  }
  make_graph();
  const MutexLock lock(mutex_);
  return segment.full() ? std::nullopt : take_waiting();
}

std::optional<VectorIndex::Impl::Added> VectorIndex::Impl::take_waiting() {
  VectorSegment& segment = *current_;
  VectorSlab& slab = segment.slab;
  while (segment.taken < slab.slots() && !slab.live(segment.taken)) ++segment.taken;
  const Slot slot = segment.taken;
  if (slot == slab.slots()) {
    segment.cover();
    return {};
  }
  return Added{&segment, segment.add_node(slot)};
}

void VectorIndex::Impl::start_rebuild() {
  const MutexLock start_lock(start_mutex_);
  std::uint32_t live = 0;
  {
    const MutexLock lock(mutex_);
    if (next_ != nullptr) return;
    live = current_->slab.live_count();
  }
  auto segment = std::make_unique<VectorSegment>(coder_);
  segment->graph = std::make_unique<HnswGraph>(coder_, options_, room_for(live));
  const MutexLock lock(mutex_);
  next_ = std::move(segment);
  moved_to_.clear();
  copied_ = 0;
}

// One vector of current_, copied into next_ and added to its graph.
std::optional<VectorIndex::Impl::Added> VectorIndex::Impl::add_copy() {
  bool is_started = false;
  {
    const MutexLock lock(mutex_);
    is_started = next_ != nullptr;
    if (!is_started && !rebuild_wanted()) return {};
  }
  if (!is_started) start_rebuild();
  const MutexLock lock(mutex_);
  const VectorSlab& from = current_->slab;
  VectorSegment& to = *next_;
  while (copied_ < from.slots() && !from.live(copied_)) {
    ++copied_;
    moved_to_.push_back(kNothing);
  }
  if (copied_ == from.slots() || to.full()) return {};
  const Slot slot = copy_slot(copied_, to.slab);
  ++copied_;
  moved_to_.push_back(slot);
  return Added{&to, to.add_node(slot)};
}

bool VectorIndex::Impl::wants_reclaim() const {
  const MutexLock lock(mutex_);
  const VectorSegment& segment = *current_;
  const Slot slots = segment.slab.slots();
  if (segment.is_loading() && !segment.wants_loading()) return true;
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
  const WriterLock build_lock(build_mutex_);
  const MutexLock lock(mutex_);
  current_->end_loading();
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
  damaged_before_ += current_->damaged();
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
