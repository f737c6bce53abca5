// An index on disk. Sections: (0) IndexCounts, (1) the row of each slot, kNothing for dead ones,
// the slots of a row with several vectors one after the other (which readers from before such rows
// refuse), (2..7) the graph's (hnsw_checkpoint.cc; empty without one), (8) headers of the slots
// from `covered` on, which the graph does not have, (9) a checksum of each slot's residuals, if
// there is a graph, then codes of the slots that have headers, a chunk's each, then every chunk's
// residuals if they have any bits. Any bytes are a vector in fixed point: only headers can be
// impossible.
//
// With a graph, its rows and the residuals are most of the file; they come in when they are first
// needed (rows/demand_rows.h).

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/hash.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {
namespace {

constexpr std::string_view kKind = "VECT";
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kGraphSection = 2;
constexpr std::size_t kWaitingHeaders = kGraphSection + HnswGraph::kSections;
constexpr std::size_t kResidualChecksums = kWaitingHeaders + 1;
constexpr std::size_t kWaitingCodes = kResidualChecksums + 1;

// Rows are dense, so a table of them is small; a hostile file must not ask for 16 GB by naming the
// last one. What legitimately exceeds this is rebuilt from the log.
std::uint64_t rows_limit(std::uint64_t slots) { return (std::uint64_t{1} << 26) + 1024 * slots; }

// On disk: never reorder.
struct IndexCounts {
  std::uint32_t dim = 0;
  std::uint32_t m = 0;
  std::uint32_t slots = 0;
  std::uint32_t covered = 0;
  std::uint32_t residual_bits = 0;
};

Status end_sections(CheckpointWriter& writer, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (auto status = writer.end_section(); !status) return status;
  }
  return {};
}

// Where the sections of an index are that have a number of their own for each chunk.
struct ChunkSections {
  ChunkSections(const VectorCoder& coder, std::size_t slots, Slot covered)
      : chunks((slots + VectorSlab::kChunkRows - 1) / VectorSlab::kChunkRows),
        first_waiting(covered / VectorSlab::kChunkRows),
        residuals(kWaitingCodes + chunks - first_waiting),
        end(residuals + (coder.residual_bits() == 0 ? 0 : chunks)) {}

  [[nodiscard]] std::size_t codes_of(std::size_t chunk) const {
    return kWaitingCodes + chunk - first_waiting;
  }

  std::size_t chunks;
  std::size_t first_waiting;  ///< The first chunk of which the graph does not have all.
  std::size_t residuals;
  std::size_t end;
};

Slot waiting_from(std::size_t chunk, Slot covered) {
  return std::max(static_cast<Slot>(chunk) * VectorSlab::kChunkRows, covered);
}

// The codes of a chunk's slots from `covered` on.
std::span<const std::uint8_t> waiting_codes(const VectorSlab& slab, std::size_t chunk,
                                            Slot covered) {
  const Slot end = static_cast<Slot>(chunk) * VectorSlab::kChunkRows + slab.chunk_slots(chunk);
  const Slot from = waiting_from(chunk, covered);
  if (from == end) return {};
  return {slab.codes(from), (end - from) * slab.coder().code_stride()};
}

Status write_headers(CheckpointWriter& writer, const VectorSlab& slab, Slot covered) {
  for (Slot slot = covered; slot < slab.slots(); ++slot) {
    const CodeHeader& header = slab.header(slot);
    if (auto status = writer.append(std::as_bytes(std::span(&header, 1))); !status) return status;
  }
  return writer.end_section();
}

Status write_waiting(CheckpointWriter& writer, const VectorSlab& slab, Slot covered,
                     const ChunkSections& sections) {
  for (std::size_t i = sections.first_waiting; i < sections.chunks; ++i) {
    if (auto status = writer.write_array(waiting_codes(slab, i, covered)); !status) return status;
  }
  return {};
}

Status write_residuals(CheckpointWriter& writer, const VectorSlab& slab) {
  if (slab.coder().residual_bits() == 0) return {};
  for (std::size_t i = 0; i < slab.chunks(); ++i) {
    const std::size_t bytes = slab.chunk_slots(i) * slab.coder().residual_stride();
    const std::span<const std::uint8_t> residuals(slab.chunk(i).residuals.get(), bytes);
    if (auto status = writer.write_array(residuals); !status) return status;
  }
  return {};
}

// Of rows that may be read one by one.
Status write_checksums(CheckpointWriter& writer, const VectorSlab& slab, Slot covered) {
  const std::size_t stride = slab.coder().residual_stride();
  std::vector<std::uint64_t> checksums(stride == 0 || covered == 0 ? 0 : slab.slots());
  for (Slot slot = 0; slot < checksums.size(); ++slot) {
    checksums[slot] = xxh3(std::as_bytes(std::span(slab.residuals(slot), stride)));
  }
  return writer.write_array(std::span<const std::uint64_t>(checksums));
}

Status read_headers(const CheckpointReader& reader, VectorSlab& slab, Slot covered) {
  auto bytes = reader.read_array<std::byte>(kWaitingHeaders);
  if (!bytes) return bytes.error();
  if (bytes->size() != (slab.slots() - covered) * sizeof(CodeHeader)) {
    return reader.corruption("headers are not as many as the slots that wait");
  }
  for (Slot slot = covered; slot < slab.slots(); ++slot) {
    if (!slab.live(slot)) continue;
    CodeHeader header;
    std::memcpy(&header, bytes->data() + (slot - covered) * sizeof(header), sizeof(header));
    if (!is_sane(header, slab.coder().code_stride())) {
      return reader.corruption("a vector has an impossible header");
    }
    slab.set_header(slot, header);
  }
  return {};
}

Status read_bytes(const CheckpointReader& reader, std::size_t section,
                  std::span<std::uint8_t> into) {
  if (reader.section_bytes(section) != into.size()) {
    return reader.corruption("a chunk of vectors has another size than its rows");
  }
  return into.empty() ? Status() : reader.read(section, 0, std::as_writable_bytes(into));
}

// The codes of a chunk whose codes are not all the graph's: those of the file, and the graph's.
Status read_codes(const CheckpointReader& reader, VectorSegment& segment, std::size_t chunk,
                  std::size_t section, Slot covered) {
  VectorSlab& slab = segment.slab;
  const std::size_t stride = slab.coder().code_stride();
  for (Slot slot = static_cast<Slot>(chunk) * VectorSlab::kChunkRows; slot < covered; ++slot) {
    if (slab.live(slot)) {
      std::memcpy(slab.codes(slot), segment.graph->codes(slab.graph_id(slot)), stride);
    } else {
      std::memset(slab.codes(slot), 0, stride);
    }
  }
  const std::size_t bytes = waiting_codes(slab, chunk, covered).size();
  return read_bytes(reader, section,
                    bytes == 0 ? std::span<std::uint8_t>()
                               : std::span(slab.codes(waiting_from(chunk, covered)), bytes));
}

Status read_waiting(const CheckpointReader& reader, VectorSegment& segment, Slot covered,
                    const ChunkSections& sections) {
  for (std::size_t i = sections.first_waiting; i < sections.chunks; ++i) {
    auto status = read_codes(reader, segment, i, sections.codes_of(i), covered);
    if (!status) return status;
  }
  return {};
}

// At once without a graph, when there are few; else when they are first needed.
Status read_residuals(const std::shared_ptr<const CheckpointReader>& reader, VectorSlab& slab,
                      Slot covered, const ChunkSections& sections,
                      std::shared_ptr<const VectorMender> mender) {
  const std::size_t stride = slab.coder().residual_stride();
  auto checksums = reader->read_array<std::uint64_t>(kResidualChecksums);
  if (!checksums) return checksums.error();
  if (checksums->size() != (stride == 0 || covered == 0 ? 0 : slab.slots())) {
    return reader->corruption("residuals have not as many checksums as slots");
  }
  if (stride == 0) return {};
  for (std::size_t i = 0; i < slab.chunks(); ++i) {
    const std::span into(slab.chunk(i).residuals.get(), slab.chunk_slots(i) * stride);
    if (reader->section_bytes(sections.residuals + i) != into.size()) {
      return reader->corruption("a chunk of vectors has another size than its rows");
    }
    if (covered != 0) continue;
    if (auto status = read_bytes(*reader, sections.residuals + i, into); !status) return status;
  }
  if (covered == 0) return {};
  slab.demand_residuals({reader, sections.residuals, VectorSlab::kChunkRows, stride},
                        *std::move(checksums), std::move(mender));
  return {};
}

// Nodes name their slots: both directions must agree, and no covered slot be left out.
Status link_nodes(const CheckpointReader& reader, VectorSegment& segment, Slot covered,
                  std::span<const NodeHeader> headers) {
  VectorSlab& slab = segment.slab;
  std::uint32_t living = 0;
  for (std::uint32_t id = 0; id < segment.graph->size(); ++id) {
    const Slot slot = headers[id].slot;
    if (slot >= covered || slab.graph_id(slot) != kNothing) {
      return reader.corruption("a node of the graph names a slot that is not its own");
    }
    slab.set_graph_id(slot, id);
    if (slab.live(slot)) {
      slab.set_header(slot, headers[id].code);
      segment.graph->set_row(id, slab.row(slot));
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
  current_->load_all();
  if (current_->graph != nullptr && current_->graph->damaged() != 0) {
    return Error{ErrorCode::kBusy, "the graph of " + file.string() + " is still to be made anew"};
  }
  const VectorView view = current_->view();
  const VectorSlab& slab = *view.slab;
  auto writer = CheckpointWriter::open(file, {kKind, kVersion, origin}, files);
  if (!writer) return writer.error();
  const ChunkSections sections(coder_, slab.slots(), view.covered);
  const IndexCounts counts{dim(), options_.m, slab.slots(), view.covered, coder_.residual_bits()};
  if (auto status = writer->write_array(std::span(&counts, 1)); !status) return status;
  std::vector<std::uint32_t> rows(slab.slots(), kNothing);
  for (Slot slot = 0; slot < slab.slots(); ++slot) {
    if (slab.live(slot)) rows[slot] = slab.row(slot);
  }
  if (auto status = writer->write_array(std::span<const std::uint32_t>(rows)); !status) {
    return status;
  }
  Status graph =
      view.covered == 0 ? end_sections(*writer, HnswGraph::kSections) : view.graph->save(*writer);
  if (!graph) return graph;
  if (auto status = write_headers(*writer, slab, view.covered); !status) return status;
  if (auto status = write_checksums(*writer, slab, view.covered); !status) return status;
  if (auto status = write_waiting(*writer, slab, view.covered, sections); !status) return status;
  if (auto status = write_residuals(*writer, slab); !status) return status;
  return writer->finish();
}

Status VectorIndex::Impl::load(const std::filesystem::path& file, CheckpointOrigin& origin,
                               FileSystem& files, VectorSource source) {
  auto opened = CheckpointReader::open(file, kKind, kVersion, files);
  if (!opened) return opened.error();
  const auto reader = std::make_shared<const CheckpointReader>(*std::move(opened));
  const bool is_at_once = !source;
  if (auto status = restore(reader, std::move(source)); !status) return status;
  if (is_at_once) {
    current_->load_all();
    if (current_->damaged() != 0) return reader->corruption("a vector or a node is damaged");
    current_->end_loading();
  }
  origin = reader->origin();
  return {};
}

// Which slots each row has. A sentence; empty: no row has impossible ones.
std::string VectorIndex::Impl::take_rows(std::span<const std::uint32_t> rows) {
  for (Slot slot = 0, end = 0; slot < rows.size(); slot = end) {
    const std::uint32_t row = rows[slot];
    end = slot + 1;
    if (row == kNothing) continue;
    while (end < rows.size() && rows[end] == row) ++end;
    if (row >= rows_limit(rows.size())) return "a row is out of range";
    if (end - slot > kRowVectorsMax) return "a row has too many vectors";
    if (row >= slot_of_.size()) slot_of_.resize(row + std::size_t{1}, kNothing);
    if (slot_of_[row] != kNothing) return "the vectors of a row lie apart";
    slot_of_[row] = slot;
    rows_.add(row);
    if (end - slot > 1) ++runs_;
  }
  return {};
}

Status VectorIndex::Impl::restore(const std::shared_ptr<const CheckpointReader>& shared_reader,
                                  VectorSource source) {
  const CheckpointReader& reader = *shared_reader;
  auto counts_read = reader.read_array<IndexCounts>(0);
  if (!counts_read) return counts_read.error();
  if (counts_read->size() != 1) return reader.corruption("the index's counts are missing");
  const IndexCounts counts = counts_read->front();
  if (counts.dim != dim() || counts.m != options_.m ||
      counts.residual_bits != coder_.residual_bits()) {
    return reader.corruption("the index is of another dimension, m or number of residual bits");
  }
  auto rows = reader.read_array<std::uint32_t>(1);
  if (!rows) return rows.error();
  // Before anything is allocated by it: the count is only as large as the file.
  if (rows->size() != counts.slots || counts.covered > counts.slots) {
    return reader.corruption("the index's rows are not as many as it says");
  }
  const ChunkSections sections(coder_, counts.slots, counts.covered);
  std::uint64_t bytes = 0;
  for (std::size_t i = kWaitingCodes; i < sections.end; ++i) bytes += reader.section_bytes(i);
  if (reader.sections() != sections.end ||
      bytes != std::uint64_t{counts.slots} * coder_.residual_stride() +
                   std::uint64_t{counts.slots - counts.covered} * coder_.code_stride()) {
    return reader.corruption("the index's sections are not as long as its counts say");
  }

  auto segment = std::make_unique<VectorSegment>(coder_);
  for (Slot slot = 0; slot < counts.slots; ++slot) {
    const std::uint32_t row = (*rows)[slot];
    segment->slab.restore(row, counts.covered);
    if (row == kNothing && slot >= counts.covered) segment->free_slots.push_back(slot);
  }
  if (const std::string wrong = take_rows(*rows); !wrong.empty()) return reader.corruption(wrong);
  const auto mender =
      std::make_shared<const VectorMender>(coder_, *std::move(rows), std::move(source));
  if (counts.covered != 0) {
    std::vector<NodeHeader> headers;
    auto graph = HnswGraph::load(shared_reader, kGraphSection, coder_, options_, counts.slots,
                                 mender, headers);
    if (!graph) return graph.error();
    segment->graph = std::move(*graph);
    if (auto status = link_nodes(reader, *segment, counts.covered, headers); !status) return status;
  }
  if (auto status = read_headers(reader, segment->slab, counts.covered); !status) return status;
  if (auto status = read_residuals(shared_reader, segment->slab, counts.covered, sections, mender);
      !status) {
    return status;
  }
  if (auto status = read_waiting(reader, *segment, counts.covered, sections); !status)
    return status;
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
                                                       CheckpointOrigin& origin, FileSystem& files,
                                                       VectorSource source) {
  auto index = std::make_unique<VectorIndex>(dim, options);
  if (auto status = index->impl_->load(file, origin, files, std::move(source)); !status) {
    return status.error();
  }
  return index;
}

}  // namespace tulving::index
