#include "index/vectors/vector_index.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "core/base/check.h"
#include "index/vectors/row_similarity.h"
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

void VectorIndex::Impl::set(std::uint32_t row, std::span<const float> vectors) {
  const std::size_t count = vectors.size() / dim();
  TULVING_CHECK(count > 0 && count <= kRowVectorsMax && vectors.size() == count * dim());
  thread_local std::vector<std::uint8_t> codes;
  thread_local std::vector<std::uint8_t> residuals;
  thread_local std::vector<CodeHeader> headers;
  codes.resize(count * coder_.code_stride());
  residuals.resize(count * coder_.residual_stride());
  headers.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    headers[i] = coder_.encode(vectors.subspan(i * dim(), dim()), &codes[i * coder_.code_stride()],
                               residuals.data() + i * coder_.residual_stride());
  }

  const MutexLock lock(mutex_);
  if (row >= slot_of_.size()) slot_of_.resize(row + std::size_t{1}, kNothing);
  bury_row(row);
  VectorSlab& slab = current_->slab;
  const Slot reused = free_run(count);
  for (std::size_t i = 0; i < count; ++i) {
    Slot slot = reused + static_cast<Slot>(i);
    if (reused == kNothing) {
      slot = slab.append(row);
    } else {
      slab.reuse(slot, row);
    }
    slab.put(slot, headers[i], &codes[i * coder_.code_stride()],
             residuals.data() + i * coder_.residual_stride());
    if (i == 0) slot_of_[row] = slot;
  }
  if (count > 1) ++runs_;
  rows_.add(row);
}

void VectorIndex::Impl::erase(std::uint32_t row) {
  if (slot_of(row) == kNothing) return;
  const MutexLock lock(mutex_);
  bury_row(row);
  rows_.remove(row);
}

// A rebuild has passed by what was dead; what is put there now would be missing in its copy.
bool VectorIndex::Impl::may_reuse(Slot slot) const {
  return slot >= current_->taken && (next_ == nullptr || slot >= copied_);
}

// Slots to use again, as many as follow each other; kNothing: there are none. Those of a row that
// had as many were let go of last.
Slot VectorIndex::Impl::free_run(std::size_t slots) {
  std::vector<Slot>& free = current_->free_slots;
  while (!free.empty() && !may_reuse(free.back())) free.pop_back();
  if (free.size() < slots) return kNothing;
  const Slot first = free.back();
  for (std::size_t i = 1; i < slots; ++i) {
    if (free[free.size() - 1 - i] != first + i) return kNothing;
  }
  free.resize(free.size() - slots);
  return first;
}

// The last vector first, so that the first one's slot is the first to be used again.
void VectorIndex::Impl::bury_row(std::uint32_t row) {
  const Slot first = slot_of_[row];
  if (first == kNothing) return;
  const Slot end = view().run_end(first);
  for (Slot slot = end; slot-- > first;) bury(slot);
  if (end - first > 1) --runs_;
  slot_of_[row] = kNothing;
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

float VectorIndex::Impl::similarity(Slot a, Slot b) const {
  thread_local std::vector<float> floats;
  floats.resize(coder_.code_stride());
  const VectorView view = current_->view();
  fixed_kernels().decode(view.form(a), floats.size(), floats.data());
  const float dot = fixed_kernels().dot(view.form(b), floats.data(), floats.size());
  const float scale_a = view.slab->header(a).scale * kFixedUnit;
  const float scale_b = view.slab->header(b).scale * kFixedUnit;
  return std::clamp(dot * scale_a * scale_b, -1.0F, 1.0F);
}

std::vector<float> VectorIndex::Impl::forms(Slot first) const {
  const VectorView seen = view();
  const Slot end = seen.run_end(first);
  const std::size_t stride = coder_.code_stride();
  std::vector<float> floats((end - first) * stride);
  for (Slot slot = first; slot < end; ++slot) {
    fixed_kernels().decode(seen.form(slot), stride, &floats[(slot - first) * stride]);
  }
  return floats;
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

bool VectorIndex::Impl::holds(std::uint32_t row, std::span<const float> vectors) const {
  const Slot first = slot_of(row);
  if (first == kNothing) return false;
  const std::size_t count = view().run_end(first) - first;
  if (vectors.size() != count * dim()) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!slot_holds(first + static_cast<Slot>(i), vectors.subspan(i * dim(), dim()))) return false;
  }
  return true;
}

// Each component may be one step off. What bounds a search's errors are the header's numbers: wrong
// ones lose rows without a word.
bool VectorIndex::Impl::slot_holds(Slot slot, std::span<const float> vector) const {
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
  counts.rows = rows_.cardinality();
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
  const VectorView view = this->view();
  GraphHealth health;
  if (view.graph != nullptr) health = view.graph->check_invariants();
  std::uint32_t rows = 0, runs = 0;
  for (Slot slot = 0; slot < slab.slots(); ++slot) {
    if (!slab.live(slot)) continue;
    if (!view.continues(slot)) {
      ++rows;
      runs += view.run_end(slot) - slot > 1 ? 1U : 0U;
      if (slot_of(slab.row(slot)) != slot) health.broken = "a live slot is not its row's";
    }
    if (slot < view.covered && slab.graph_id(slot) >= view.graph->size()) {
      health.broken = "a covered slot has no node";
    }
  }
  if (rows_.cardinality() != rows) health.broken = "rows and live slots differ";
  if (runs != runs_) health.broken = "rows with several vectors are miscounted";
  return health;
}

VectorIndex::VectorIndex(std::uint32_t dim, const VectorIndexOptions& options)
    : impl_(std::make_unique<Impl>(dim, options)) {}
VectorIndex::~VectorIndex() = default;

void VectorIndex::set(std::uint32_t row, std::span<const float> vectors) {
  impl_->set(row, vectors);
}
void VectorIndex::erase(std::uint32_t row) { impl_->erase(row); }
float VectorIndex::similarity(std::uint32_t a, std::uint32_t b) const {
  return RowSimilarity(*this)(a, b);
}
bool VectorIndex::holds(std::uint32_t row, std::span<const float> vectors) const {
  return impl_->holds(row, vectors);
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
