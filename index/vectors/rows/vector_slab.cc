#include "index/vectors/rows/vector_slab.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "index/vectors/rows/huge_pages.h"
#include "index/vectors/rows/vector_mender.h"

namespace tulving::index {

Slot VectorSlab::append(std::uint32_t row) { return append(row, true); }

Slot VectorSlab::append(std::uint32_t row, bool in_huge_pages) {
  const Slot slot = slots_;
  const std::size_t index = slot / kChunkRows;
  if (index == chunks_.size()) {
    auto chunk = std::make_unique<Chunk>();
    resize(*chunk, index == 0 ? kFirstRows : kChunkRows, 0);
    if (index >= kSmallChunks && in_huge_pages) ask_for_huge_pages(*chunk);
    chunks_.push_back(std::move(chunk));
  } else if (within(slot) == chunks_[index]->rows.size()) {
    resize(*chunks_[index], 2 * chunks_[index]->rows.size(), within(slot));
  }
  ++slots_;
  take(slot, row);
  return slot;
}

void VectorSlab::reuse(Slot slot, std::uint32_t row) {
  TULVING_CHECK(!live(slot) && graph_id(slot) == kNothing);
  take(slot, row);
}

void VectorSlab::restore(std::uint32_t row, Slot covered) {
  const Slot slot = append(row, covered == 0);
  if (within(slot) == 0 && covered != 0) {
    // Whole, as what comes in on demand knows its place from the beginning.
    if (of(slot).rows.size() < kChunkRows) resize(of(slot), kChunkRows, 0);
    if (std::uint64_t{slot} + kChunkRows <= covered) of(slot).codes.reset();
  }
  if (row != kNothing) return;
  of(slot).live[within(slot) / 64] &= ~(std::uint64_t{1} << (within(slot) % 64));
  --live_count_;
}

void VectorSlab::take(Slot slot, std::uint32_t row) {
  Chunk& chunk = of(slot);
  chunk.rows[within(slot)] = row;
  chunk.graph_ids[within(slot)] = kNothing;
  chunk.live[within(slot) / 64] |= std::uint64_t{1} << (within(slot) % 64);
  ++live_count_;
}

void VectorSlab::put(Slot slot, const CodeHeader& header, const std::uint8_t* codes,
                     const std::uint8_t* residuals) {
  Chunk& chunk = of(slot);
  TULVING_CHECK(chunk.codes != nullptr);
  chunk.headers[within(slot)] = header;
  std::memcpy(this->codes(slot), codes, coder_.code_stride());
  if (chunk.residuals == nullptr) return;
  if (demand_ != nullptr) demand_->leave(slot);  // A dead one of the file, used again.
  const std::size_t stride = coder_.residual_stride();
  std::memcpy(chunk.residuals.get() + within(slot) * stride, residuals, stride);
}

void VectorSlab::kill(Slot slot) {
  TULVING_CHECK(live(slot));
  Chunk& chunk = of(slot);
  chunk.live[within(slot) / 64] &= ~(std::uint64_t{1} << (within(slot) % 64));
  --live_count_;
  if (demand_ != nullptr) demand_->leave(slot);  // Or it would come back from the file.
  if (chunk.codes != nullptr) std::memset(codes(slot), 0, coder_.code_stride());
  if (chunk.residuals != nullptr) {
    const std::size_t stride = coder_.residual_stride();
    std::memset(chunk.residuals.get() + within(slot) * stride, 0, stride);
  }
  chunk.headers[within(slot)] = {};
}

namespace {

class ResidualRows final : public DemandRows::Owner {
 public:
  ResidualRows(VectorSlab& slab, std::shared_ptr<const VectorMender> mender)
      : slab_(slab), mender_(std::move(mender)) {}

  std::byte* place_of(Slot slot) override {
    const std::size_t at = slot % VectorSlab::kChunkRows * slab_.coder().residual_stride();
    return reinterpret_cast<std::byte*>(
               slab_.chunk(slot / VectorSlab::kChunkRows).residuals.get()) +
           at;
  }
  bool is_sound(Slot) override { return true; }  // Any bytes are a vector in fixed point.
  void mend(Slot slot) override {
    const VectorMender::Remade remade = mender_->remake(slot);
    std::memcpy(place_of(slot), remade.residuals.data(), remade.residuals.size());
  }
  void expect(Slot first, std::uint32_t) override {
    advise_huge_pages(slab_.chunk(first / VectorSlab::kChunkRows).residuals.get(),
                      VectorSlab::kChunkRows * slab_.coder().residual_stride());
  }

 private:
  VectorSlab& slab_;
  const std::shared_ptr<const VectorMender> mender_;
};

}  // namespace

void VectorSlab::demand_residuals(const DemandRows::Source& source,
                                  std::vector<std::uint64_t> checksums,
                                  std::shared_ptr<const VectorMender> mender) {
  loaded_chunks_ = chunks_.size();
  demand_ = std::make_unique<DemandRows>(source, std::move(checksums),
                                         std::make_unique<ResidualRows>(*this, std::move(mender)));
}

bool VectorSlab::load_next() const {
  if (demand_ == nullptr) return false;
  if (demand_->fetch_next()) return true;
  if (!demand_->is_complete()) return false;
  const std::size_t i = collapsed_.fetch_add(1);
  if (i >= loaded_chunks_) return false;
  collapse_huge_pages(chunk(i).residuals.get(), kChunkRows * coder_.residual_stride());
  return true;
}

void VectorSlab::end_loading() {
  if (demand_ == nullptr || !demand_->is_complete()) return;
  damaged_before_ = damaged();
  demand_.reset();
}

std::uint32_t VectorSlab::chunk_slots(std::size_t i) const {
  return std::min(kChunkRows, slots_ - static_cast<Slot>(i) * kChunkRows);
}

void VectorSlab::ask_for_huge_pages(const Chunk& chunk) const {
  advise_huge_pages(chunk.codes.get(), kChunkRows * coder_.code_stride());
  if (chunk.residuals == nullptr) return;
  advise_huge_pages(chunk.residuals.get(), kChunkRows * coder_.residual_stride());
}

void VectorSlab::resize(Chunk& chunk, std::size_t rows, std::size_t used) const {
  auto codes = make_aligned<std::uint8_t>(rows * coder_.code_stride());
  const std::size_t residual_stride = coder_.residual_stride();
  auto residuals = residual_stride == 0 ? AlignedArray<std::uint8_t>()
                                        : make_aligned<std::uint8_t>(rows * residual_stride);
  if (used != 0) {
    TULVING_CHECK(chunk.codes != nullptr);
    std::memcpy(codes.get(), chunk.codes.get(), used * coder_.code_stride());
    if (residuals != nullptr) {
      std::memcpy(residuals.get(), chunk.residuals.get(), used * residual_stride);
    }
  }
  chunk.headers.resize(rows);
  chunk.rows.resize(rows, kNothing);
  chunk.graph_ids.resize(rows, kNothing);
  chunk.codes = std::move(codes);
  chunk.residuals = std::move(residuals);
}

std::size_t VectorSlab::bytes() const {
  std::size_t total = 0;
  for (const auto& chunk : chunks_) {
    const std::size_t rows = chunk->rows.size();
    const std::size_t codes = chunk->codes == nullptr ? 0 : coder_.code_stride();
    total += sizeof(Chunk) + rows * (codes + coder_.residual_stride() + sizeof(CodeHeader) +
                                     2 * sizeof(std::uint32_t));
  }
  return total;
}

}  // namespace tulving::index
