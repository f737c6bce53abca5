#pragma once

// The one place that sees hnswlib (0.6.2 as in Debian 12, or 0.8), for the .cc files of this
// folder.
//
// hnswlib is header-only and its templates are compiled into whoever includes it. An embedder may
// include another version, or the same with other flags, and the linker would keep one of the two:
// so ours gets a namespace of its own. NO_MANUAL_VECTORIZATION drops distance functions we do not
// use, which 0.6.2 defines without `inline`, twice defined in two files.
#define hnswlib tulving_hnswlib
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>
#undef NO_MANUAL_VECTORIZATION
#undef hnswlib

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "index/vectors/graph/hnsw_graph.h"
#include "index/vectors/graph/link_verdicts.h"
#include "index/vectors/rows/demand_rows.h"
#include "index/vectors/rows/huge_pages.h"
#include "index/vectors/rows/vector_sketch.h"

namespace tulving::index {

/// hnswlib's level-0 row is [4 bytes of counts][2m links][data][8 bytes of label]. Codes start on a
/// cache line: rows are padded behind to whole lines, and the first one starts `lead` bytes after
/// one, which leaves no gap before the codes.
struct NodeLayout {
  NodeLayout(std::size_t m, std::size_t code_stride)
      : data_at(sizeof(std::uint32_t) * (1 + 2 * m)),
        codes_at(data_at + sizeof(NodeHeader)),
        lead(round_up(codes_at, kCacheLine) - codes_at),
        row_bytes(round_up(codes_at + code_stride + sizeof(std::size_t), kCacheLine)),
        data_bytes(row_bytes - data_at - sizeof(std::size_t)),
        code_bytes(code_stride),
        sketch_bytes(sketch_words(code_stride) * sizeof(std::uint64_t)) {}

  std::size_t data_at;
  std::size_t codes_at;
  std::size_t lead;
  std::size_t row_bytes;
  std::size_t data_bytes;
  std::size_t code_bytes;
  std::size_t sketch_bytes;  // Not in the row: sketches lie side by side, by node.
};

/// Tells hnswlib how long a row is. It computes no distance: it neither searches nor inserts here.
class RowSpace : public tulving_hnswlib::SpaceInterface<float> {
 public:
  explicit RowSpace(const NodeLayout& layout) : layout_(layout) {}
  std::size_t get_data_size() override { return layout_.data_bytes; }
  tulving_hnswlib::DISTFUNC<float> get_dist_func() override { return nullptr; }
  void* get_dist_func_param() override { return nullptr; }

 private:
  const NodeLayout& layout_;
};

/// A node that another may link to.
struct Candidate {
  float distance = 0.0F;  ///< 1 - cosine of the codes.
  std::uint32_t id = 0;
  Verdict verdict = Verdict::kUnknown;  ///< Of the last choice among this list's.
};

class GraphProbe;

// Members that hnswlib's constructor needs, and so must be there before it.
struct GraphParts {
  GraphParts(std::size_t m, std::size_t code_stride, std::size_t capacity, bool at_once)
      : layout(m, code_stride),
        space(layout),
        arena(layout.lead + capacity * layout.row_bytes, at_once),
        sketches(capacity * layout.sketch_bytes) {}

  NodeLayout layout;
  RowSpace space;
  HugePages arena;
  HugePages sketches;
};

/// hnswlib's graph with its rows in huge pages.
///
/// Invariants. (1) Node ids below `published` are connected; searches touch no other. What add()
/// has written of a node never changes: an insertion reads it of all nodes with smaller numbers,
/// and of those that it finds in lists. (2) Links are read and written only under lock_of() the
/// node; entry point and level are read only from `entry`. (3) No thread holds two of these
/// mutexes. (4) label_lookup_ stays empty: it would cost 40 bytes a row to answer a question that
/// never comes, since each label is used once. (5) Of a graph from a checkpoint a row is read only
/// after need(), which codes(), header() and copy_links() call; links are written of rows that are
/// here.
class HnswGraph::Impl : private GraphParts, public tulving_hnswlib::HierarchicalNSW<float> {
 public:
  using Base = tulving_hnswlib::HierarchicalNSW<float>;

  /// `at_once`: see HugePages.
  Impl(const VectorCoder& coder, const VectorIndexOptions& options, std::uint32_t capacity,
       bool at_once = true);
  ~Impl() override;

  using GraphParts::arena;
  using GraphParts::layout;

  /// Where a row is, or will be when it comes in. (5)
  [[nodiscard]] std::uint8_t* row(std::uint32_t id) const {
    return static_cast<std::uint8_t*>(arena.data()) + layout.lead +
           std::size_t{id} * layout.row_bytes;
  }
  [[nodiscard]] const std::uint8_t* address(std::uint32_t id) const {
    return row(id) + layout.codes_at;
  }
  /// Brings a node's row in.
  void need(std::uint32_t id) const {
    if (demand != nullptr && !demand->is_here(id)) demand->fetch(id);
  }
  [[nodiscard]] const std::uint8_t* codes(std::uint32_t id) const {
    need(id);
    return address(id);
  }
  [[nodiscard]] NodeHeader header(std::uint32_t id) const {
    need(id);
    NodeHeader header;
    std::memcpy(&header, row(id) + layout.data_at, sizeof(header));
    return header;
  }
  /// Many nodes share a lock: it is held for copies only, some 20 ns, and all of them fit the
  /// second cache, where a lock a node is a cache line more to wait for, and 40 bytes.
  [[nodiscard]] std::mutex& lock_of(std::uint32_t id) { return link_locks[id % kLinkLocks]; }
  [[nodiscard]] std::uint64_t* sketch(std::uint32_t id) const {
    return static_cast<std::uint64_t*>(sketches.data()) + std::size_t{id} * layout.sketch_bytes / 8;
  }
  [[nodiscard]] SketchRows sketch_rows() const {
    return {sketch(0), sketch_headers.data(), layout.sketch_bytes / 8};
  }
  /// Makes a node's sketch of its codes.
  void draw(std::uint32_t id);
  /// Copies a node's links under its lock. Returns their number.
  std::uint32_t copy_links(std::uint32_t id, int level, std::uint32_t* links);

  std::uint32_t add(Slot slot, std::uint32_t row, const CodeHeader& header,
                    const std::uint8_t* codes);
  void connect(std::uint32_t id);
  void grow(std::uint32_t capacity);
  /// Makes nodes below `end` visible to readers, and the entry point. Alone, or under order_mutex.
  void publish(std::uint32_t end);

  /// Rows of the nodes that are there come in on demand from now on; `slots`: whose they are.
  void demand_rows(const DemandRows::Source& source, std::vector<std::uint64_t> checksums,
                   std::vector<Slot> slots, std::shared_ptr<const VectorMender> mender);
  /// What is wrong with one list of links, for a graph of `nodes`; empty: nothing is.
  [[nodiscard]] std::string wrong_list(std::uint32_t id, int level, std::uint32_t nodes) const;
  [[nodiscard]] std::string wrong_graph(int lowest) const;
  Status restore_levels(const CheckpointReader& reader, std::span<const std::uint8_t> levels,
                        std::span<const std::byte> upper);

  void write_row(std::uint32_t id, const NodeHeader& header, const std::uint8_t* codes);
  void write_node(std::uint32_t id, int level, const NodeHeader& header, const std::uint8_t* codes);
  void link_mutually(std::uint32_t id, std::span<const std::vector<Candidate>> chosen);
  void link(std::uint32_t id, int level, std::span<const Candidate> links);
  void put_link(std::uint32_t id, int level, std::size_t place, const Candidate& link);
  void complete(std::uint32_t id);
  WalkAnswer search(const WalkRequest& request, Deadline& deadline);
  /// Whether a walk may return the node: `allowed` as in WalkRequest.
  [[nodiscard]] bool may_be_found(std::uint32_t id, const Roaring* allowed) const {
    const std::uint32_t of = row_of[id];
    return of != kNothing && (allowed == nullptr || allowed->contains(of));
  }
  bool probe_step(std::uint32_t nodes_max);
  Status restore_sketches(const CheckpointReader& reader, std::size_t section, std::uint32_t nodes);
  void expect_probe();  ///< Sets `next_probe` beyond what is published.
  GraphHealth check_invariants();
  Status save(CheckpointWriter& writer);

  /// Rows of a checkpoint that are not all here yet; null: all are.
  std::unique_ptr<DemandRows> demand;
  /// Bytes of the arena that were made huge pages, after the last row came in.
  std::atomic<std::size_t> collapsed{0};
  bool collapse_next();
  /// Of the arena, by the rows that the checkpoint had.
  [[nodiscard]] std::size_t used_bytes() const {
    return layout.lead + std::size_t{published} * layout.row_bytes;
  }
  /// Rows that were damaged in the checkpoint; what they linked to is lost.
  std::uint32_t damaged_before = 0;
  [[nodiscard]] std::uint32_t damaged() const {
    return damaged_before + (demand == nullptr ? 0 : demand->damaged());
  }

  // Atomic, because readers load them beside connect(). `entry` packs level and node; kNoEntry: the
  // graph is empty.
  static constexpr std::uint64_t kNoEntry = ~std::uint64_t{0};
  // Each level is 1/m as likely as the one below: none comes near it.
  static constexpr int kLevelMax = 63;
  std::atomic<std::uint32_t> published{0};
  std::atomic<std::uint64_t> entry{kNoEntry};

  std::atomic<std::size_t> upper_bytes{0};

  /// By node, kNothing: dead. Apart from the nodes themselves, so that a walk can pass by those
  /// that a filter excludes without touching their cache lines.
  std::vector<std::uint32_t> row_of;
  std::vector<SketchHeader> sketch_headers;  // By node.
  LinkVerdicts verdicts{maxM0_};

  std::mutex probe_mutex;  // Guards `probe`.
  std::unique_ptr<GraphProbe> probe;
  std::atomic<std::uint32_t> next_probe{kFirstProbe};  // So many nodes make one due.
  std::atomic<std::uint32_t> relinked{0};
  static constexpr std::uint32_t kFirstProbe = 1024;

  // 2m links at level 0, m at most 64 (VectorIndexOptions).
  static constexpr std::size_t kLinksMax = 128;

  static constexpr std::size_t kLinkLocks = 4096;
  std::unique_ptr<std::mutex[]> link_locks = std::make_unique<std::mutex[]>(kLinkLocks);

  // Guards what follows, the entry point in hnswlib's members and stores to the atomics above.
  std::mutex order_mutex;
  std::vector<std::uint32_t> in_flight;  // Added and not connected yet; ascending.
};

}  // namespace tulving::index
