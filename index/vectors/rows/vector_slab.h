#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/vectors/rows/aligned_array.h"
#include "index/vectors/rows/demand_rows.h"
#include "index/vectors/rows/slot.h"
#include "index/vectors/rows/vector_code.h"

namespace tulving::index {

class VectorMender;

/// The vectors of an index, by slot, in chunks of 1,024: codes for
/// scanning, residuals for the final ranking.
///
/// Invariants. (1) Chunks stay where they are, except that the first one grows from 32 rows, so
/// that a tenant with ten vectors does not pay for a thousand. (2) A dead slot's codes and
/// residuals are zeroed: deletions reach the bytes. (3) Codes of a chunk are freed only when the
/// graph has every live slot of it.
class VectorSlab {
 public:
  static constexpr std::uint32_t kChunkRows = 1024;
  static constexpr std::uint32_t kFirstRows = 32;
  /// Chunks before the first in huge pages, of which a part that no row uses takes RAM too: so at
  /// most a fifth of an index's.
  static constexpr std::size_t kSmallChunks = 4;

  struct Chunk {
    AlignedArray<std::uint8_t> codes;      ///< Null once the graph has taken them over.
    AlignedArray<std::uint8_t> residuals;  ///< Null when there are none.
    std::vector<CodeHeader> headers;
    std::vector<std::uint32_t> rows;       ///< Slot -> row.
    std::vector<std::uint32_t> graph_ids;  ///< Slot -> node; kNothing: not in the graph.
    std::array<std::uint64_t, kChunkRows / 64> live{};
  };

  explicit VectorSlab(const VectorCoder& coder) : coder_(coder) {}

  /// Takes the next slot for `row`, whose vector is to be put() into it.
  Slot append(std::uint32_t row);
  /// Gives a dead slot, whose codes the graph never had, to `row`.
  void reuse(Slot slot, std::uint32_t row);
  /// Writes the vector of a slot that has room for its codes.
  void put(Slot slot, const CodeHeader& header, const std::uint8_t* codes,
           const std::uint8_t* residuals);
  /// Zeroes the vector. (2)
  void kill(Slot slot);

  /// Rebuilds from a checkpoint: the next slot, dead when `row` is kNothing. Its chunk gets codes
  /// unless all of it lies below `covered`, where the graph has them. Chunks are as large as they
  /// get.
  void restore(std::uint32_t row, Slot covered);
  /// Residuals of the slots that are there come in when they are first needed: see residuals().
  /// Damaged ones are made anew by `mender`.
  void demand_residuals(const DemandRows::Source& source, std::vector<std::uint64_t> checksums,
                        std::shared_ptr<const VectorMender> mender);
  /// Null unless residuals come on demand.
  [[nodiscard]] DemandRows* demand() const { return demand_.get(); }
  /// As HnswGraph's.
  [[nodiscard]] bool wants_loading() const {
    return demand_ != nullptr && (!demand_->is_complete() || collapsed_ < loaded_chunks_);
  }
  bool load_next() const;
  /// Lets go of the file, if all is here.
  void end_loading();
  [[nodiscard]] std::uint32_t damaged() const {
    return damaged_before_ + (demand_ == nullptr ? 0 : demand_->damaged());
  }

  [[nodiscard]] const VectorCoder& coder() const { return coder_; }
  [[nodiscard]] Slot slots() const { return slots_; }
  [[nodiscard]] std::uint32_t live_count() const { return live_count_; }
  [[nodiscard]] std::size_t chunks() const { return chunks_.size(); }
  [[nodiscard]] const Chunk& chunk(std::size_t i) const { return *chunks_[i]; }
  [[nodiscard]] Chunk& chunk(std::size_t i) { return *chunks_[i]; }
  /// Slots taken of a chunk.
  [[nodiscard]] std::uint32_t chunk_slots(std::size_t i) const;

  [[nodiscard]] bool live(Slot slot) const {
    return (of(slot).live[within(slot) / 64] >> (within(slot) % 64) & 1U) != 0;
  }
  [[nodiscard]] std::uint32_t row(Slot slot) const { return of(slot).rows[within(slot)]; }
  [[nodiscard]] const CodeHeader& header(Slot slot) const { return of(slot).headers[within(slot)]; }
  [[nodiscard]] std::uint32_t graph_id(Slot slot) const { return of(slot).graph_ids[within(slot)]; }
  void set_header(Slot slot, const CodeHeader& header) { of(slot).headers[within(slot)] = header; }
  void set_graph_id(Slot slot, std::uint32_t id) { of(slot).graph_ids[within(slot)] = id; }
  /// Null when they were freed.
  [[nodiscard]] const std::uint8_t* codes(Slot slot) const {
    const Chunk& chunk = of(slot);
    return chunk.codes == nullptr ? nullptr
                                  : chunk.codes.get() + within(slot) * coder_.code_stride();
  }
  [[nodiscard]] std::uint8_t* codes(Slot slot) {
    return of(slot).codes.get() + within(slot) * coder_.code_stride();
  }
  /// Brings them in, if they are not here yet. Not to be looked at when they have no bits.
  [[nodiscard]] const std::uint8_t* residuals(Slot slot) const {
    if (demand_ != nullptr && !demand_->is_here(slot)) demand_->fetch(slot);
    return residuals_address(slot);
  }
  /// Where they are, or will be: to be asked for ahead.
  [[nodiscard]] const std::uint8_t* residuals_address(Slot slot) const {
    return of(slot).residuals.get() + within(slot) * coder_.residual_stride();
  }
  [[nodiscard]] std::size_t bytes() const;

 private:
  static std::uint32_t within(Slot slot) { return slot % kChunkRows; }
  const Chunk& of(Slot slot) const { return *chunks_[slot / kChunkRows]; }
  Chunk& of(Slot slot) { return *chunks_[slot / kChunkRows]; }
  Slot append(std::uint32_t row, bool in_huge_pages);
  void take(Slot slot, std::uint32_t row);
  void resize(Chunk& chunk, std::size_t rows, std::size_t used) const;
  void ask_for_huge_pages(const Chunk& chunk) const;

  VectorCoder coder_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  Slot slots_ = 0;
  std::uint32_t live_count_ = 0;
  std::unique_ptr<DemandRows> demand_;
  std::size_t loaded_chunks_ = 0;                  ///< Those of the checkpoint.
  mutable std::atomic<std::size_t> collapsed_{0};  ///< Of them, after the last row came in.
  std::uint32_t damaged_before_ = 0;
};

}  // namespace tulving::index
