#include "index/vectors/rows/vector_slab.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "index/vectors/rows/huge_pages.h"

namespace tulving::index {

Slot VectorSlab::append(std::uint32_t row) {
  const Slot slot = slots_;
  const std::size_t index = slot / kChunkRows;
  if (index == chunks_.size()) {
    auto chunk = std::make_unique<Chunk>();
    resize(*chunk, index == 0 ? kFirstRows : kChunkRows, 0);
    if (index >= kSmallChunks) ask_for_huge_pages(*chunk);
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
  const Slot slot = append(row);
  if (within(slot) == 0 && std::uint64_t{slot} + kChunkRows <= covered) {
    if (of(slot).rows.size() < kChunkRows) resize(of(slot), kChunkRows, 0);
    of(slot).codes.reset();
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
  const std::size_t stride = coder_.residual_stride();
  std::memcpy(chunk.residuals.get() + within(slot) * stride, residuals, stride);
}

void VectorSlab::kill(Slot slot) {
  TULVING_CHECK(live(slot));
  Chunk& chunk = of(slot);
  chunk.live[within(slot) / 64] &= ~(std::uint64_t{1} << (within(slot) % 64));
  --live_count_;
  if (chunk.codes != nullptr) std::memset(codes(slot), 0, coder_.code_stride());
  if (chunk.residuals != nullptr) {
    const std::size_t stride = coder_.residual_stride();
    std::memset(chunk.residuals.get() + within(slot) * stride, 0, stride);
  }
  chunk.headers[within(slot)] = {};
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
