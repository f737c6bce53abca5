#pragma once

#include <cstdint>
#include <memory>
#include <roaring/roaring.hh>
#include <span>
#include <string>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"
#include "index/vectors/rows/deadline.h"
#include "index/vectors/rows/vector_code.h"
#include "index/vectors/rows/vector_mender.h"
#include "index/vectors/rows/vector_sketch.h"
#include "index/vectors/rows/vector_slab.h"
#include "tulving/options.h"
#include "tulving/result.h"

namespace tulving::index {

/// A node's data as hnswlib stores it: this header, then the codes.
struct NodeHeader {
  CodeHeader code;
  Slot slot = 0;
};

/// A node that a walk found, by the cosine of the codes.
struct WalkHit {
  float score = 0.0F;
  Slot slot = 0;
};

struct WalkRequest {
  const PreparedQuery* query = nullptr;
  const QuerySketch* sketch = nullptr;  ///< Of the same query.
  /// Rows that may be found; null: all. Those of dead nodes never are.
  const Roaring* allowed = nullptr;
  Slot covered = kNothing;                       ///< Slots from here on are not wanted.
  std::uint32_t ef = 64;                         ///< Width of the pool that steers the walk.
  std::uint32_t wanted = 32;                     ///< Most hits returned.
  std::uint64_t scored_max = ~std::uint64_t{0};  ///< Distances to compute at most.
  std::span<const std::uint32_t> seeds;          ///< Nodes to start from, beside the entry point.
};

struct WalkAnswer {
  std::vector<WalkHit> hits;  ///< Best first.
  std::uint64_t scored = 0;
  std::uint64_t met = 0;  ///< Nodes that were scored, or passed by for their sketches.
  bool over_budget = false;
  std::uint32_t allowed_in_pool = 0;  ///< Entries of the pool that may be found, where a filter is.
};

/// What check_invariants() saw.
struct GraphHealth {
  std::string broken;              ///< The first broken invariant; empty when all hold.
  std::uint32_t unreferenced = 0;  ///< Nodes that no other links to at level 0.
  std::uint32_t unreachable = 0;   ///< Nodes not reached from the entry point at level 0.
};

/// An HNSW graph over int8 codes. hnswlib keeps it; insertion and search are ours (README.md).
///
/// Thread safety: search(), the const accessors and connect() may run beside each other and beside
///   add(), which one thread calls at a time and which added() is not called beside. grow(), save()
///   and check_invariants() need the graph to themselves.
class HnswGraph {
 public:
  class Impl;  ///< Keeps hnswlib out of this header; for this folder's .cc files only.

  HnswGraph(const VectorCoder& coder, const VectorIndexOptions& options, std::uint32_t capacity);
  ~HnswGraph();

  /// Writes a node for a row's slot and returns its number: they count up from 0. There must be
  /// room. std::bad_alloc leaves the graph as it was.
  std::uint32_t add(Slot slot, std::uint32_t row, const CodeHeader& header,
                    const std::uint8_t* codes);
  /// The row that a node stands for; kNothing: it is dead, and leads on but is not found. Not
  /// beside search().
  void set_row(std::uint32_t id, std::uint32_t row);
  /// Finds the neighbours of an added node and links both ways; once for each node. It is published
  /// when all before it are too. One thread that takes nodes in their order makes the same graph
  /// each time. After std::bad_alloc it never is, nor is what comes after it.
  void connect(std::uint32_t id);
  /// Makes room for more, keeping nodes where they are in virtual memory's terms: pages are moved,
  /// not copied.
  void grow(std::uint32_t capacity);

  [[nodiscard]] std::uint32_t size() const;   ///< Published nodes.
  [[nodiscard]] std::uint32_t added() const;  ///< Nodes, published or not.
  [[nodiscard]] std::uint32_t capacity() const;
  [[nodiscard]] const std::uint8_t* codes(std::uint32_t id) const;
  /// Where the codes are, or will be: to be asked for ahead, not looked at.
  [[nodiscard]] const std::uint8_t* address(std::uint32_t id) const;
  [[nodiscard]] CodeHeader header(std::uint32_t id) const;
  [[nodiscard]] SketchRows sketches() const;  ///< By node.
  /// Whether a node's sketch is that of its codes.
  [[nodiscard]] bool is_sketch_right(std::uint32_t id) const;
  [[nodiscard]] Slot slot(std::uint32_t id) const;
  [[nodiscard]] std::size_t bytes() const;

  [[nodiscard]] WalkAnswer search(const WalkRequest& request, Deadline& deadline) const;

  /// True when the graph has grown by an eighth since its nodes were last probed: looked at whether
  /// each can be reached. The sizes are the same for all graphs.
  [[nodiscard]] bool wants_probe() const;
  /// A part of that: up to `nodes_max` nodes of it, and links for those that nothing leads to
  /// (graph_probe.h). False: none is due, or another thread is at it. Beside anything that
  /// connect() may run beside.
  bool probe_step(std::uint32_t nodes_max);
  [[nodiscard]] std::uint32_t relinked() const;  ///< Nodes that probes have linked.

  /// Every link in range, no node linked to itself or twice, levels consistent. O(nodes m).
  [[nodiscard]] GraphHealth check_invariants() const;

  /// Adds the graph's sections to a checkpoint. No insert() may be running.
  Status save(CheckpointWriter& writer) const;
  /// Reads them back from section `first` on; `slots` bounds the slots that nodes may name.
  /// Rows come in when they are first needed; a damaged one is made anew by `mender`, without its
  /// links. `headers` gets each node's.
  static Result<std::unique_ptr<HnswGraph>> load(std::shared_ptr<const CheckpointReader> reader,
                                                 std::size_t first, const VectorCoder& coder,
                                                 const VectorIndexOptions& options, Slot slots,
                                                 std::shared_ptr<const VectorMender> mender,
                                                 std::vector<NodeHeader>& headers);
  static constexpr std::size_t kSections = 8;

  /// Nodes that were damaged in the checkpoint, as far as they came in: while there are any, a walk
  /// may miss what they led to.
  [[nodiscard]] std::uint32_t damaged() const;
  /// Rows of the checkpoint may not be here yet, or end_loading() was not called.
  [[nodiscard]] bool is_loading() const;
  [[nodiscard]] bool wants_loading() const;  ///< load_next() has work, or had a moment ago.
  /// Brings some rows in, then makes huge pages of what came in row by row. False: nothing is left
  /// for this thread. Beside everything but what needs the graph to itself.
  bool load_next() const;
  void load_all() const;
  /// Lets go of the file, if all is here. Needs the graph to itself.
  void end_loading();

 private:
  explicit HnswGraph(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::index
