// An index on disk. Sections: (0) IndexCounts, (1) the row of each slot, kNothing for dead ones,
// (2..5) the graph's (hnsw_checkpoint.cc; empty without one), then a chunk's halves each. Codes
// that the graph does not hold are made from the halves again.

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "core/base/beside.h"
#include "core/base/checkpoint/checkpoint_file.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {
namespace {

constexpr std::string_view kKind = "VECT";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kGraphSection = 2;
constexpr std::size_t kHalvesSection = kGraphSection + HnswGraph::kSections;

// Rows are dense, so a table of them is small; a hostile file must not ask for 16 GB by naming the
// last one. What legitimately exceeds this is rebuilt from the log.
std::uint64_t rows_limit(std::uint64_t slots) { return (std::uint64_t{1} << 26) + 1024 * slots; }

// On disk: never reorder.
struct IndexCounts {
  std::uint32_t dim = 0;
  std::uint32_t m = 0;
  std::uint32_t slots = 0;
  std::uint32_t covered = 0;
};

Status end_sections(CheckpointWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (auto status = writer.end_section(); !status) return status;
  }
  return {};
}

Status write_halves(CheckpointWriter& writer, const VectorSlab& slab) {
  for (std::size_t i = 0; i < slab.chunks(); ++i) {
    const std::size_t count = slab.chunk_slots(i) * slab.coder().half_stride();
    const std::span<const std::uint16_t> halves(slab.chunk(i).halves.get(), count);
    if (auto status = writer.write_array(halves); !status) return status;
  }
  return {};
}

// An infinite half, or one that is no number, makes scores that no order holds.
bool are_finite(std::span<const std::uint16_t> halves) {
  constexpr std::uint16_t kExponent = 0x7C00;
  bool any = false;
  for (const std::uint16_t half : halves) any |= (half & kExponent) == kExponent;
  return !any;
}

// Every chunk's halves, and its codes unless the graph has them all, on two threads.
Status read_halves(const CheckpointReader& reader, VectorSlab& slab) {
  std::atomic<std::size_t> next{0};
  std::array<Status, 2> outcomes;
  const auto work = [&](Status& outcome) {
    for (std::size_t i = next++; i < slab.chunks(); i = next++) {
      const std::size_t count = slab.chunk_slots(i) * slab.coder().half_stride();
      const std::span<std::uint16_t> halves(slab.chunk(i).halves.get(), count);
      if (reader.section_bytes(kHalvesSection + i) != halves.size_bytes()) {
        outcome = reader.corruption("a chunk of vectors has another size than its rows");
        return;
      }
      outcome = reader.read(kHalvesSection + i, 0, std::as_writable_bytes(halves));
      if (!outcome) return;
      if (!are_finite(halves)) {
        outcome = reader.corruption("a vector is not finite");
        return;
      }
      slab.encode_chunk(i);
    }
  };
  auto helper = beside([&] { work(outcomes[1]); });
  work(outcomes[0]);
  helper.get();
  return outcomes[0] ? outcomes[1] : outcomes[0];
}

// Nodes name their slots: both directions must agree, and no covered slot be left out.
Status link_nodes(const CheckpointReader& reader, VectorSegment& segment, Slot covered) {
  VectorSlab& slab = segment.slab;
  std::uint32_t living = 0;
  for (std::uint32_t id = 0; id < segment.graph->size(); ++id) {
    const Slot slot = segment.graph->slot(id);
    if (slot >= covered || slab.graph_id(slot) != kNothing) {
      return reader.corruption("a node of the graph names a slot that is not its own");
    }
    slab.set_graph_id(slot, id);
    if (slab.live(slot)) {
      slab.set_header(slot, segment.graph->header(id));
      ++living;
    }
  }
  std::uint32_t live_covered = 0;
  for (Slot slot = 0; slot < covered; ++slot) live_covered += slab.live(slot) ? 1U : 0U;
  if (live_covered != living) return reader.corruption("the graph lacks a vector it should have");
  segment.dead_nodes = segment.graph->size() - living;
  return {};
}

}  // namespace

Status VectorIndex::Impl::save(const std::filesystem::path& file, const CheckpointOrigin& origin,
                               FileSystem& files) const {
  const WriterLock lock(build_mutex_);
  const VectorView view = current_->view();
  const VectorSlab& slab = *view.slab;
  auto writer = CheckpointWriter::open(file, {kKind, kVersion, origin}, files);
  if (!writer) return writer.error();
  const IndexCounts counts{dim(), options_.m, slab.slots(), view.covered};
  if (auto status = writer->write_array(std::span(&counts, 1)); !status) return status;
  std::vector<std::uint32_t> rows(slab.slots(), kNothing);
  for (Slot slot = 0; slot < slab.slots(); ++slot) {
    if (slab.live(slot)) rows[slot] = slab.row(slot);
  }
  if (auto status = writer->write_array(std::span<const std::uint32_t>(rows)); !status) {
    return status;
  }
  Status graph = view.graph == nullptr ? end_sections(*writer, HnswGraph::kSections)
                                       : view.graph->save(*writer);
  if (!graph) return graph;
  if (auto status = write_halves(*writer, slab); !status) return status;
  return writer->finish();
}

Status VectorIndex::Impl::load(const std::filesystem::path& file, CheckpointOrigin& origin,
                               FileSystem& files) {
  auto reader = CheckpointReader::open(file, kKind, kVersion, files);
  if (!reader) return reader.error();
  if (auto status = restore(*reader); !status) return status;
  origin = reader->origin();
  return {};
}

Status VectorIndex::Impl::restore(const CheckpointReader& reader) {
  auto counts_read = reader.read_array<IndexCounts>(0);
  if (!counts_read) return counts_read.error();
  if (counts_read->size() != 1) return reader.corruption("the index's counts are missing");
  const IndexCounts counts = counts_read->front();
  if (counts.dim != dim() || counts.m != options_.m) {
    return reader.corruption("the index is of another dimension or m");
  }
  auto rows = reader.read_array<std::uint32_t>(1);
  if (!rows) return rows.error();
  const std::size_t chunks =
      round_up(counts.slots, VectorSlab::kChunkRows) / VectorSlab::kChunkRows;
  std::uint64_t halves_bytes = 0;
  for (std::size_t i = 0; i < chunks; ++i) {
    halves_bytes += reader.section_bytes(kHalvesSection + i);
  }
  // Before anything is allocated by it: the count is only as large as the file.
  if (rows->size() != counts.slots || counts.covered > counts.slots ||
      reader.sections() != kHalvesSection + chunks ||
      halves_bytes != std::uint64_t{counts.slots} * coder_.half_stride() * sizeof(std::uint16_t)) {
    return reader.corruption("the index's sections are not as long as its counts say");
  }

  auto segment = std::make_unique<VectorSegment>(coder_);
  for (Slot slot = 0; slot < counts.slots; ++slot) {
    const std::uint32_t row = (*rows)[slot];
    segment->slab.restore(row, counts.covered);
    if (row == kNothing) {
      if (slot >= counts.covered) segment->free_slots.push_back(slot);
      continue;
    }
    if (row >= rows_limit(counts.slots)) return reader.corruption("a row is out of range");
    if (row >= slot_of_.size()) slot_of_.resize(row + std::size_t{1}, kNothing);
    if (slot_of_[row] != kNothing) return reader.corruption("a row has two vectors");
    slot_of_[row] = slot;
    rows_.add(row);
  }
  if (counts.covered != 0) {
    auto graph = HnswGraph::load(reader, kGraphSection, coder_, options_, counts.slots);
    if (!graph) return graph.error();
    segment->graph = std::move(*graph);
    if (auto status = link_nodes(reader, *segment, counts.covered); !status) return status;
  }
  if (auto status = read_halves(reader, segment->slab); !status) return status;
  segment->taken = counts.covered;
  segment->covered.store(counts.covered, std::memory_order_release);
  current_ = std::move(segment);
  return {};
}

Status VectorIndex::save(const std::filesystem::path& file, const CheckpointOrigin& origin,
                         FileSystem& files) const {
  return impl_->save(file, origin, files);
}

Result<std::unique_ptr<VectorIndex>> VectorIndex::load(const std::filesystem::path& file,
                                                       std::uint32_t dim,
                                                       const VectorIndexOptions& options,
                                                       CheckpointOrigin& origin,
                                                       FileSystem& files) {
  auto index = std::make_unique<VectorIndex>(dim, options);
  if (auto status = index->impl_->load(file, origin, files); !status) return status.error();
  return index;
}

}  // namespace tulving::index
