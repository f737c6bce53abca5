#include "index/vectors/graph/hnsw_graph.h"

#include <memory>
#include <mutex>
#include <utility>

#include "core/base/check.h"
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

// Locks that only addPoint takes, 2.6 MB a graph; 0.6.2 and 0.8 call them differently.
template <class Base>
void drop_unused_locks(Base& base) {
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

void HnswGraph::Impl::grow(std::uint32_t capacity) {
  if (capacity <= max_elements_) return;
  auto* links = static_cast<char**>(std::realloc(linkLists_, sizeof(char*) * capacity));
  if (links == nullptr) throw std::bad_alloc();
  linkLists_ = links;
  element_levels_.resize(capacity);
  std::vector<std::mutex>(capacity).swap(link_list_locks_);
  replace_pool(visited_list_pool_, capacity);
  arena.grow(layout.lead + std::size_t{capacity} * layout.row_bytes);
  data_level0_memory_ = static_cast<char*>(arena.data()) + layout.lead;
  max_elements_ = capacity;
}

std::uint32_t HnswGraph::Impl::copy_links(std::uint32_t id, int level, std::uint32_t* links) {
  need(id);
  const std::lock_guard lock(link_list_locks_[id]);
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

std::uint32_t HnswGraph::add(Slot slot, const CodeHeader& header, const std::uint8_t* codes) {
  return impl_->add(slot, header, codes);
}
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
Slot HnswGraph::slot(std::uint32_t id) const { return impl_->header(id).slot; }
WalkAnswer HnswGraph::search(const WalkRequest& request, Deadline& deadline) const {
  return impl_->search(request, deadline);
}
GraphHealth HnswGraph::check_invariants() const { return impl_->check_invariants(); }
Status HnswGraph::save(CheckpointWriter& writer) const { return impl_->save(writer); }

std::size_t HnswGraph::bytes() const {
  // A mutex, a level, a pointer and a visited mark for each place; rows and upper links as used.
  const std::size_t place = sizeof(std::mutex) + sizeof(int) + sizeof(char*) + sizeof(short);
  return capacity() * place + size() * impl_->layout.row_bytes + impl_->upper_bytes;
}

}  // namespace tulving::index
