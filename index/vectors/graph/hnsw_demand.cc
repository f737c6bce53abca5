// Nodes of a checkpoint that come in when they are first needed.

#include <cstring>

#include "index/vectors/graph/hnswlib_graph.h"

namespace tulving::index {
namespace {

class NodeRows final : public DemandRows::Owner {
 public:
  NodeRows(HnswGraph::Impl& graph, std::vector<Slot> slots,
           std::shared_ptr<const VectorMender> mender)
      : graph_(graph), slots_(std::move(slots)), mender_(std::move(mender)) {}

  std::byte* place_of(std::uint32_t id) override {
    return reinterpret_cast<std::byte*>(graph_.row(id));
  }

  // Every link leads to another node: a walk may follow it.
  bool is_sound(std::uint32_t id) override {
    NodeHeader header;
    std::memcpy(&header, graph_.row(id) + graph_.layout.data_at, sizeof(header));
    if (header.slot != slots_[id] || !is_sane(header.code, graph_.layout.code_bytes)) return false;
    return graph_.wrong_list(id, 0, static_cast<std::uint32_t>(slots_.size())).empty();
  }

  // Without links: what it led to is lost.
  void mend(std::uint32_t id) override {
    const VectorMender::Remade remade = mender_->remake(slots_[id]);
    graph_.write_row(id, {remade.header, slots_[id]}, remade.codes.data());
  }

  void expect(std::uint32_t first, std::uint32_t count) override {
    const std::size_t row_bytes = graph_.layout.row_bytes;
    graph_.arena.advise(graph_.layout.lead + first * row_bytes, count * row_bytes);
  }

 private:
  HnswGraph::Impl& graph_;
  const std::vector<Slot> slots_;
  const std::shared_ptr<const VectorMender> mender_;
};

}  // namespace

void HnswGraph::Impl::demand_rows(const DemandRows::Source& source,
                                  std::vector<std::uint64_t> checksums, std::vector<Slot> slots,
                                  std::shared_ptr<const VectorMender> mender) {
  auto owner = std::make_unique<NodeRows>(*this, std::move(slots), std::move(mender));
  demand = std::make_unique<DemandRows>(source, std::move(checksums), std::move(owner));
}

// Small pages, of rows that came in one by one, cost a walk a tenth of its time.
bool HnswGraph::Impl::collapse_next() {
  const std::size_t at = collapsed.fetch_add(HugePages::kPageBytes);
  if (at >= used_bytes()) return false;
  arena.collapse(at);
  return true;
}

std::uint32_t HnswGraph::damaged() const { return impl_->damaged(); }
bool HnswGraph::is_loading() const { return impl_->demand != nullptr; }
bool HnswGraph::wants_loading() const {
  return impl_->demand != nullptr &&
         (!impl_->demand->is_complete() || impl_->collapsed < impl_->used_bytes());
}

bool HnswGraph::load_next() const {
  if (impl_->demand == nullptr) return false;
  if (impl_->demand->fetch_next()) return true;
  return impl_->demand->is_complete() && impl_->collapse_next();
}

void HnswGraph::load_all() const {
  if (impl_->demand != nullptr) impl_->demand->fetch_all();
}

void HnswGraph::end_loading() {
  if (impl_->demand == nullptr || !impl_->demand->is_complete()) return;
  impl_->damaged_before = impl_->damaged();
  impl_->demand.reset();
  impl_->arena.advise_all();  // New nodes come in order.
}

}  // namespace tulving::index
