#include "index/vectors/vector_index.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "core/base/check.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {

VectorIndex::Impl::Impl(std::uint32_t dim, const VectorIndexOptions& options)
    : coder_(dim), options_(options), current_(std::make_unique<VectorSegment>(coder_)) {
  TULVING_CHECK(dim > 0 && dim <= kKernelDimMax);
}

void VectorIndex::Impl::set(std::uint32_t row, std::span<const float> vector) {
  TULVING_CHECK(vector.size() == dim());
  thread_local std::vector<std::uint16_t> halves;
  halves.resize(coder_.half_stride());
  coder_.to_halves(vector, halves.data());

  const MutexLock lock(mutex_);
  if (row >= slot_of_.size()) slot_of_.resize(row + std::size_t{1}, kNothing);
  VectorSegment& segment = *current_;
  if (slot_of_[row] != kNothing) bury(slot_of_[row]);
  Slot slot = kNothing;
  while (slot == kNothing && !segment.free_slots.empty()) {
    if (segment.free_slots.back() >= segment.taken) slot = segment.free_slots.back();
    segment.free_slots.pop_back();
  }
  if (slot == kNothing) {
    slot = segment.slab.append(row);
  } else {
    segment.slab.reuse(slot, row);
  }
  std::memcpy(segment.slab.halves(slot), halves.data(), halves.size() * sizeof(halves[0]));
  segment.slab.encode(slot);
  slot_of_[row] = slot;
  rows_.add(row);
}

void VectorIndex::Impl::erase(std::uint32_t row) {
  if (slot_of(row) == kNothing) return;
  const MutexLock lock(mutex_);
  bury(slot_of_[row]);
  slot_of_[row] = kNothing;
  rows_.remove(row);
}

// Zeroes the vector, here and in the copy that a rebuild has made.
void VectorIndex::Impl::bury(Slot slot) {
  VectorSegment& segment = *current_;
  segment.slab.kill(slot);
  if (slot >= segment.taken) {
    segment.free_slots.push_back(slot);
  } else {
    ++segment.dead_nodes;
  }
  if (next_ != nullptr && slot < copied_ && moved_to_[slot] != kNothing) {
    next_->slab.kill(moved_to_[slot]);
    ++next_->dead_nodes;
  }
}

float VectorIndex::Impl::similarity(std::uint32_t a, std::uint32_t b) const {
  const Slot slot_a = slot_of(a);
  const Slot slot_b = slot_of(b);
  if (slot_a == kNothing || slot_b == kNothing) return std::numeric_limits<float>::quiet_NaN();
  thread_local std::vector<float> floats;
  floats.resize(coder_.half_stride());
  const VectorSlab& slab = current_->slab;
  kernels().to_f32(slab.halves(slot_a), floats.size(), floats.data());
  const float dot = kernels().dot_f16(slab.halves(slot_b), floats.data(), floats.size());
  return std::clamp(dot * slab.header(slot_a).inverse_norm * slab.header(slot_b).inverse_norm,
                    -1.0F, 1.0F);
}

namespace {

// Halves in the order of their values, so that neighbours differ by one; both zeros are one.
std::int32_t place_of_half(std::uint16_t half) {
  const std::int32_t magnitude = half & 0x7FFF;
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

// Rounding done otherwise changes a length in its last digits.
bool is_about(float found, float expected, float share) {
  return std::abs(found - expected) <= share * std::abs(expected) + 1e-6F;
}

}  // namespace

bool VectorIndex::Impl::holds(std::uint32_t row, std::span<const float> vector) const {
  const Slot slot = slot_of(row);
  if (slot == kNothing || vector.size() != dim()) return false;
  thread_local std::vector<std::uint16_t> expected;
  expected.resize(coder_.half_stride());
  coder_.to_halves(vector, expected.data());
  const std::uint16_t* found = current_->slab.halves(slot);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::abs(place_of_half(found[i]) - place_of_half(expected[i])) > 1) return false;
  }
  return holds_codes(slot);
}

// What bounds a search's errors are the codes and their header: wrong ones lose rows without a
// word.
bool VectorIndex::Impl::holds_codes(Slot slot) const {
  thread_local std::vector<std::uint8_t> expected;
  expected.resize(coder_.code_stride());
  const CodeHeader header = coder_.to_codes(current_->slab.halves(slot), expected.data());
  const CodeHeader& found = current_->slab.header(slot);
  const std::uint8_t* codes = current_->view().codes(slot);
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::abs(std::int32_t{codes[i]} - std::int32_t{expected[i]}) > 1) return false;
    sum += std::int32_t{codes[i]} - 128;
  }
  return found.sum == sum && is_about(found.scale, header.scale, 1e-3F) &&
         is_about(found.inverse_norm, header.inverse_norm, 1e-3F) &&
         is_about(found.error, header.error, 0.05F);
}

VectorIndexCounts VectorIndex::Impl::counts() const {
  const MutexLock lock(mutex_);
  const VectorView view = current_->view();
  VectorIndexCounts counts;
  counts.vectors = current_->slab.live_count();
  counts.tombstones = current_->dead_nodes;
  counts.bytes =
      current_->slab.bytes() + slot_of_.capacity() * sizeof(Slot) + rows_.getSizeInBytes(false);
  if (view.graph != nullptr) {
    counts.in_graph = view.graph->size();
    counts.bytes += view.graph->bytes();
  }
  if (next_ != nullptr) {
    counts.bytes += next_->slab.bytes() + (next_->graph != nullptr ? next_->graph->bytes() : 0);
  }
  return counts;
}

GraphHealth VectorIndex::Impl::check_invariants() const {
  const WriterLock lock(build_mutex_);
  const VectorSlab& slab = current_->slab;
  const VectorView view = current_->view();
  GraphHealth health;
  if (view.graph != nullptr) health = view.graph->check_invariants();
  for (Slot slot = 0; slot < slab.slots(); ++slot) {
    if (!slab.live(slot)) continue;
    if (slot_of(slab.row(slot)) != slot) health.broken = "a live slot is not its row's";
    if (slot < view.covered && slab.graph_id(slot) >= view.graph->size()) {
      health.broken = "a covered slot has no node";
    }
  }
  if (rows_.cardinality() != slab.live_count()) health.broken = "rows and live slots differ";
  return health;
}

VectorIndex::VectorIndex(std::uint32_t dim, const VectorIndexOptions& options)
    : impl_(std::make_unique<Impl>(dim, options)) {}
VectorIndex::~VectorIndex() = default;

void VectorIndex::set(std::uint32_t row, std::span<const float> vector) { impl_->set(row, vector); }
void VectorIndex::erase(std::uint32_t row) { impl_->erase(row); }
float VectorIndex::similarity(std::uint32_t a, std::uint32_t b) const {
  return impl_->similarity(a, b);
}
bool VectorIndex::holds(std::uint32_t row, std::span<const float> vector) const {
  return impl_->holds(row, vector);
}
bool VectorIndex::contains(std::uint32_t row) const { return impl_->slot_of(row) != kNothing; }
const Roaring& VectorIndex::rows() const { return impl_->rows(); }

bool VectorIndex::build_step(std::uint32_t rows_max) {
  for (std::uint32_t i = 0; i < rows_max; ++i) {
    if (!impl_->build_one()) return false;
  }
  return impl_->wants_building();
}
bool VectorIndex::wants_building() const { return impl_->wants_building(); }
void VectorIndex::reclaim() { impl_->reclaim(); }
bool VectorIndex::wants_reclaim() const { return impl_->wants_reclaim(); }

std::uint32_t VectorIndex::dim() const { return impl_->dim(); }
VectorIndexCounts VectorIndex::counts() const { return impl_->counts(); }
GraphHealth VectorIndex::check_invariants() const { return impl_->check_invariants(); }

}  // namespace tulving::index
