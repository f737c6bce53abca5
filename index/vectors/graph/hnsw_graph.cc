#include "index/vectors/graph/hnsw_graph.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "core/base/check.h"
#include "index/vectors/graph/graph_probe.h"
#include "index/vectors/graph/hnswlib_graph.h"

namespace tulving::index {
namespace {

// 0.6.2 keeps the pool by a plain pointer, 0.8 by a unique_ptr.
void replace_pool(tulving_hnswlib::VisitedListPool*& pool, std::uint32_t capacity) {
  auto larger = std::make_unique<tulving_hnswlib::VisitedListPool>(1, static_cast<int>(capacity));
  delete std::exchange(pool, larger.release());
}

[[maybe_unused]] void replace_pool(std::unique_ptr<tulving_hnswlib::VisitedListPool>& pool,
                                   std::uint32_t capacity) {
  pool = std::make_unique<tulving_hnswlib::VisitedListPool>(1, static_cast<int>(capacity));
}

// A lock a node, which lock_of() is for, and locks that only addPoint takes, 2.6 MB a graph; 0.6.2
// and 0.8 call them differently.
template <class Base>
void drop_unused_locks(Base& base) {
  std::vector<std::mutex>().swap(base.link_list_locks_);
  if constexpr (requires { base.link_list_update_locks_; }) {
    std::vector<std::mutex>().swap(base.link_list_update_locks_);
  }
  if constexpr (requires { base.label_op_locks_; }) {
    std::vector<std::mutex>().swap(base.label_op_locks_);
  }
}

}  // namespace

HnswGraph::Impl::Impl(const VectorCoder& coder, const VectorIndexOptions& options,
                      std::uint32_t capacity, bool at_once)
    : GraphParts(options.m, coder.code_stride(), capacity, at_once),
      Base(&space, capacity, options.m, options.ef_construction) {
  TULVING_CHECK(size_data_per_element_ == layout.row_bytes && offsetData_ == layout.data_at);
  drop_unused_locks<Base>(*this);
  row_of.resize(capacity, kNothing);
  sketch_headers.resize(capacity);
  verdicts.grow(capacity);
  std::free(data_level0_memory_);  // Never written, so never more than an address range.
  data_level0_memory_ = static_cast<char*>(arena.data()) + layout.lead;
}

HnswGraph::Impl::~Impl() { data_level0_memory_ = nullptr; }  // The arena's, not free()'s.

void HnswGraph::Impl::publish(std::uint32_t end) {
  // The count first: who sees the new entry point must be allowed to touch it.
  published.store(end, std::memory_order_release);
  const std::uint64_t packed =
      end == 0 ? kNoEntry
               : (static_cast<std::uint64_t>(maxlevel_) << 32) | std::uint64_t{enterpoint_node_};
  entry.store(packed, std::memory_order_release);
}

void HnswGraph::Impl::draw(std::uint32_t id) {
  sketch_headers[id] = make_sketch(codes(id), layout.code_bytes, header(id).code.scale, sketch(id));
}

void HnswGraph::Impl::expect_probe() {
  std::uint32_t next = kFirstProbe;
  while (next <= published.load(std::memory_order_relaxed)) next += next / 8;
  next_probe.store(next, std::memory_order_relaxed);
}

bool HnswGraph::Impl::probe_step(std::uint32_t nodes_max) {
  if (published.load(std::memory_order_relaxed) < next_probe.load(std::memory_order_relaxed)) {
    return false;
  }
  const std::unique_lock lock(probe_mutex, std::try_to_lock);
  if (!lock) return false;
  if (probe == nullptr) probe = std::make_unique<GraphProbe>(*this);
  if (probe->step(nodes_max)) return true;
  relinked += probe->linked();
  probe.reset();
  expect_probe();
  return true;
}

void HnswGraph::Impl::grow(std::uint32_t capacity) {
  if (capacity <= max_elements_) return;
  auto* links = static_cast<char**>(std::realloc(linkLists_, sizeof(char*) * capacity));
  if (links == nullptr) throw std::bad_alloc();
  linkLists_ = links;
  element_levels_.resize(capacity);
  row_of.resize(capacity, kNothing);
  sketch_headers.resize(capacity);
  verdicts.grow(capacity);
  replace_pool(visited_list_pool_, capacity);
  arena.grow(layout.lead + std::size_t{capacity} * layout.row_bytes);
  sketches.grow(std::size_t{capacity} * layout.sketch_bytes);
  data_level0_memory_ = static_cast<char*>(arena.data()) + layout.lead;
  max_elements_ = capacity;
}

std::uint32_t HnswGraph::Impl::copy_links(std::uint32_t id, int level, std::uint32_t* links) {
  need(id);
  const std::lock_guard lock(lock_of(id));
  auto* list = get_linklist_at_level(id, level);
  const std::uint32_t count = getListCount(list);
  std::memcpy(links, list + 1, count * sizeof(std::uint32_t));
  return count;
}

HnswGraph::HnswGraph(const VectorCoder& coder, const VectorIndexOptions& options,
                     std::uint32_t capacity)
    : impl_(std::make_unique<Impl>(coder, options, capacity)) {}
HnswGraph::HnswGraph(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HnswGraph::~HnswGraph() = default;

std::uint32_t HnswGraph::add(Slot slot, std::uint32_t row, const CodeHeader& header,
                             const std::uint8_t* codes) {
  return impl_->add(slot, row, header, codes);
}
void HnswGraph::set_row(std::uint32_t id, std::uint32_t row) { impl_->row_of[id] = row; }
void HnswGraph::connect(std::uint32_t id) { impl_->connect(id); }
void HnswGraph::grow(std::uint32_t capacity) { impl_->grow(capacity); }
std::uint32_t HnswGraph::size() const { return impl_->published.load(std::memory_order_acquire); }
std::uint32_t HnswGraph::added() const {
  return static_cast<std::uint32_t>(impl_->cur_element_count);
}
std::uint32_t HnswGraph::capacity() const {
  return static_cast<std::uint32_t>(impl_->max_elements_);
}
const std::uint8_t* HnswGraph::codes(std::uint32_t id) const { return impl_->codes(id); }
const std::uint8_t* HnswGraph::address(std::uint32_t id) const { return impl_->address(id); }
CodeHeader HnswGraph::header(std::uint32_t id) const { return impl_->header(id).code; }
bool HnswGraph::is_sketch_right(std::uint32_t id) const {
  const SketchRows all = impl_->sketch_rows();
  if (all.words == 0) return true;
  std::vector<std::uint64_t> bits(all.words);
  const SketchHeader right = make_sketch(impl_->codes(id), impl_->layout.code_bytes,
                                         impl_->header(id).code.scale, bits.data());
  const SketchHeader& found = all.headers[id];
  return std::equal(bits.begin(), bits.end(), all.row(id)) && found.ones == right.ones &&
         found.inverse == right.inverse;
}
SketchRows HnswGraph::sketches() const { return impl_->sketch_rows(); }
Slot HnswGraph::slot(std::uint32_t id) const { return impl_->header(id).slot; }
bool HnswGraph::wants_probe() const { return size() >= impl_->next_probe; }
bool HnswGraph::probe_step(std::uint32_t nodes_max) { return impl_->probe_step(nodes_max); }
std::uint32_t HnswGraph::relinked() const { return impl_->relinked; }
WalkAnswer HnswGraph::search(const WalkRequest& request, Deadline& deadline) const {
  return impl_->search(request, deadline);
}
GraphHealth HnswGraph::check_invariants() const { return impl_->check_invariants(); }
Status HnswGraph::save(CheckpointWriter& writer) const { return impl_->save(writer); }

std::size_t HnswGraph::bytes() const {
  // A level, a pointer, a visited mark and a row's number for each place; the graph's rows
  // and upper links as used.
  const std::size_t place = sizeof(int) + sizeof(char*) + sizeof(short) + sizeof(std::uint32_t);
  return capacity() * (place + sizeof(SketchHeader)) +
         size() * (impl_->layout.row_bytes + impl_->layout.sketch_bytes) + impl_->upper_bytes +
         impl_->verdicts.bytes();
}

}  // namespace tulving::index
