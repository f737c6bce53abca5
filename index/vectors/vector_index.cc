#include "index/vectors/vector_index.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "core/base/check.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {

namespace {

// VectorIndexOptions says why.
constexpr std::uint32_t kDimOfFewBits = 256;

std::uint32_t bits_for(std::uint32_t dim, std::uint32_t bits) {
  TULVING_CHECK(bits == 0 || bits == 4 || bits == 8);
  return bits == 4 && dim < kDimOfFewBits ? 8 : bits;
}

}  // namespace

VectorIndex::Impl::Impl(std::uint32_t dim, const VectorIndexOptions& options)
    : coder_(dim, bits_for(dim, options.residual_bits)),
      options_(options),
      current_(std::make_unique<VectorSegment>(coder_)) {
  TULVING_CHECK(dim > 0 && dim <= kKernelDimMax);
}

void VectorIndex::Impl::set(std::uint32_t row, std::span<const float> vector) {
  TULVING_CHECK(vector.size() == dim());
  thread_local std::vector<std::uint8_t> codes;
  thread_local std::vector<std::uint8_t> residuals;
  codes.resize(coder_.code_stride());
  residuals.resize(coder_.residual_stride());
  const CodeHeader header = coder_.encode(vector, codes.data(), residuals.data());

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
  segment.slab.put(slot, header, codes.data(), residuals.data());
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
  if (slot >= segment.taken) {
    segment.slab.kill(slot);
    segment.free_slots.push_back(slot);
  } else {
    segment.kill_node(slot);
  }
  if (next_ != nullptr && slot < copied_ && moved_to_[slot] != kNothing) {
    next_->kill_node(moved_to_[slot]);
  }
}

float VectorIndex::Impl::similarity(std::uint32_t a, std::uint32_t b) const {
  const Slot slot_a = slot_of(a);
  const Slot slot_b = slot_of(b);
  if (slot_a == kNothing || slot_b == kNothing) return std::numeric_limits<float>::quiet_NaN();
  thread_local std::vector<float> floats;
  floats.resize(coder_.code_stride());
  const VectorView view = current_->view();
  fixed_kernels().decode(view.form(slot_a), floats.size(), floats.data());
  const float dot = fixed_kernels().dot(view.form(slot_b), floats.data(), floats.size());
  const float scale_a = view.slab->header(slot_a).scale * kFixedUnit;
  const float scale_b = view.slab->header(slot_b).scale * kFixedUnit;
  return std::clamp(dot * scale_a * scale_b, -1.0F, 1.0F);
}

namespace {

// Rounding done otherwise changes a length in its last digits.
bool is_about(float found, float expected, float share) {
  return std::abs(found - expected) <= share * std::abs(expected) + 1e-6F;
}

// What one vector is kept as, outside of any slab.
struct Coded {
  explicit Coded(const VectorCoder& coder)
      : codes(coder.code_stride()), residuals(coder.residual_stride()) {}

  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> residuals;
  CodeHeader header;
};

}  // namespace

// Each component may be one step off. What bounds a search's errors are the header's numbers: wrong
// ones lose rows without a word.
bool VectorIndex::Impl::holds(std::uint32_t row, std::span<const float> vector) const {
  const Slot slot = slot_of(row);
  if (slot == kNothing || vector.size() != dim()) return false;
  Coded coded(coder_);
  coded.header = coder_.encode(vector, coded.codes.data(), coded.residuals.data());
  const FixedRow found_row = current_->view().form(slot);
  std::vector<float> expected(coder_.code_stride());
  std::vector<float> found(coder_.code_stride());
  fixed_kernels().decode(coder_.row(coded.codes.data(), coded.residuals.data()), expected.size(),
                         expected.data());
  fixed_kernels().decode(found_row, found.size(), found.data());
  const auto step = static_cast<float>(1U << (8 - coder_.residual_bits()));
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::abs(found[i] - expected[i]) > step) return false;
    sum += std::int32_t{found_row.codes[i]} - 128;
  }
  const VectorView view = current_->view();
  if (slot < view.covered && !view.graph->is_sketch_right(view.slab->graph_id(slot))) return false;
  const CodeHeader& header = current_->slab.header(slot);
  return header.sum == sum && is_about(header.scale, coded.header.scale, 1e-3F) &&
         is_about(header.error, coded.header.error, 0.05F);
}

VectorIndexCounts VectorIndex::Impl::counts() const {
  const MutexLock lock(mutex_);
  const VectorView view = current_->view();
  VectorIndexCounts counts;
  counts.damaged = std::uint64_t{damaged_before_} + current_->damaged();
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
  current_->load_all();
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
  if (impl_->load_step()) return true;  // A megabyte takes as long as the rows of a step.
  for (std::uint32_t i = 0; i < rows_max; ++i) {
    if (!impl_->build_one()) return false;
  }
  return impl_->wants_building();
}
bool VectorIndex::wants_building() const { return impl_->wants_building(); }
std::uint64_t VectorIndex::rows_to_build() const { return impl_->rows_to_build(); }
void VectorIndex::reclaim() { impl_->reclaim(); }
bool VectorIndex::wants_reclaim() const { return impl_->wants_reclaim(); }

bool VectorIndex::load_step() { return impl_->load_step(); }
void VectorIndex::finish_loading() { impl_->finish_loading(); }
bool VectorIndex::is_damaged() const { return impl_->is_damaged(); }

std::uint32_t VectorIndex::dim() const { return impl_->dim(); }
VectorIndexCounts VectorIndex::counts() const { return impl_->counts(); }
GraphHealth VectorIndex::check_invariants() const { return impl_->check_invariants(); }

}  // namespace tulving::index
