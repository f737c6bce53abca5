#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/mutex.h"
#include "index/vectors/graph/hnsw_graph.h"
#include "index/vectors/rows/vector_slab.h"
#include "index/vectors/search_costs.h"
#include "index/vectors/vector_index.h"
#include "index/vectors/vector_view.h"

namespace tulving::index {

/// Vectors and the graph over them. Slots join the graph in their order.
struct VectorSegment {
  explicit VectorSegment(const VectorCoder& coder) : slab(coder) {}

  [[nodiscard]] VectorView view() const {
    const Slot seen = covered.load(std::memory_order_acquire);
    return {&slab, seen == 0 ? nullptr : graph.get(), seen};
  }
  [[nodiscard]] bool full() const;        ///< Of nodes: reclaim() must make room first.
  [[nodiscard]] bool wants_room() const;  ///< Soon full.
  /// Share of the graph's nodes whose vectors are gone.
  [[nodiscard]] double dead_share() const;
  /// Vectors and nodes that were damaged in the checkpoint, as far as they came in.
  [[nodiscard]] std::uint32_t damaged() const {
    return slab.damaged() + (graph == nullptr ? 0 : graph->damaged());
  }
  [[nodiscard]] bool is_loading() const;     ///< end_loading() has something to let go of.
  [[nodiscard]] bool wants_loading() const;  ///< load_next() has work, or had a moment ago.
  bool load_next() const;                    ///< False: nothing is left for this thread.
  void load_all() const;
  void end_loading();
  void cover();  ///< Moves `covered` on to what the graph has published.
  /// Writes a live slot's vector into the graph, as a node that nothing leads to yet.
  std::uint32_t add_node(Slot slot);
  [[nodiscard]] bool wants_probe() const;
  /// A part of looking for nodes that nothing leads to. False: none is due.
  bool probe();
  void kill_node(Slot slot);  ///< Of a slot that add_node() was called for.

  VectorSlab slab;
  std::unique_ptr<HnswGraph> graph;  ///< Made once, before `covered` leaves 0.
  std::atomic<Slot> covered{0};      ///< Slots below are in the graph or dead; see VectorView.
  Slot taken = 0;                    ///< Slots below were claimed by the builder; >= covered.
  std::uint32_t dead_nodes = 0;
  std::vector<Slot> free_slots;  ///< Dead ones to reuse; those below `taken` no longer.
};

/// Invariants. (1) slot_of_[row] is the first live slot of that row, or kNothing; its other vectors
/// are in the slots that follow, and no other slot of the row is live. rows_ holds just the rows
/// that have one. (2) What build_step() shares with set(), erase() and other threads in it is
/// touched under mutex_, for the time of a copy, never of an insertion. (3) What readers share with
/// build_step() is published through VectorSegment::covered and the graph's own atomics. (4) While
/// next_ is being filled, every slot of current_ below copied_ that is live has its copy in next_,
/// and moved_to_ says where.
class VectorIndex::Impl {
 public:
  Impl(std::uint32_t dim, const VectorIndexOptions& options);

  void set(std::uint32_t row, std::span<const float> vectors);
  void erase(std::uint32_t row);
  /// Of rows with one vector each.
  float similarity(Slot a, Slot b) const;
  /// The vectors of a row, whose first slot is given, as they are kept: directions, turned.
  std::vector<float> forms(Slot first) const;
  bool holds(std::uint32_t row, std::span<const float> vectors) const;
  const Roaring& rows() const { return rows_; }
  const VectorCoder& coder() const { return coder_; }
  const VectorSegment& segment() const { return *current_; }
  VectorView view() const {
    VectorView view = current_->view();
    view.has_runs = runs_ != 0;
    return view;
  }
  MeasuredCosts& costs() const { return costs_; }
  const std::vector<Slot>& slots_by_row() const { return slot_of_; }
  Slot slot_of(std::uint32_t row) const { return row < slot_of_.size() ? slot_of_[row] : kNothing; }

  bool build_one();
  bool wants_building() const;
  std::uint64_t rows_to_build() const;
  void reclaim();
  bool wants_reclaim() const;

  std::uint32_t dim() const { return coder_.dim(); }
  std::uint32_t m() const { return options_.m; }
  VectorIndexCounts counts() const;
  GraphHealth check_invariants() const;

  Status save(const std::filesystem::path& file, const CheckpointOrigin& origin,
              FileSystem& files) const;
  Status load(const std::filesystem::path& file, CheckpointOrigin& origin, FileSystem& files,
              VectorSource source);
  bool load_step();
  void finish_loading();
  bool is_damaged() const;

 private:
  /// Shared for one insertion, held alone for a save or a reclaim, which insertions make way for.
  mutable FairSharedMutex build_mutex_;
  /// Held while a graph is made.
  Mutex start_mutex_ ABSL_ACQUIRED_AFTER(build_mutex_);
  mutable Mutex mutex_ ABSL_ACQUIRED_AFTER(start_mutex_);

  struct Added;

  void bury(Slot slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void bury_row(std::uint32_t row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool may_reuse(Slot slot) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Slot free_run(std::size_t slots) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool slot_holds(Slot slot, std::span<const float> vector) const;
  Slot copy_slot(Slot from, VectorSlab& to) const;
  bool graph_wanted() const;
  bool waiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool rebuild_wanted() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool rebuild_nearly_done() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void make_graph() ABSL_SHARED_LOCKS_REQUIRED(build_mutex_);
  std::optional<Added> add_waiting() ABSL_SHARED_LOCKS_REQUIRED(build_mutex_);
  std::optional<Added> take_waiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void start_rebuild() ABSL_SHARED_LOCKS_REQUIRED(build_mutex_);
  bool probe() ABSL_SHARED_LOCKS_REQUIRED(build_mutex_);
  std::optional<Added> add_copy() ABSL_SHARED_LOCKS_REQUIRED(build_mutex_);
  void compact() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void adopt(std::unique_ptr<VectorSegment> segment, std::vector<Slot> moved_to)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void free_covered_codes();

  Status restore(const std::shared_ptr<const CheckpointReader>& shared_reader, VectorSource source);
  std::string take_rows(std::span<const std::uint32_t> rows);

  // Constant after construction.
  const VectorCoder coder_;
  const VectorIndexOptions options_;

  mutable MeasuredCosts costs_;

  // Changed by set(), erase() and reclaim() only.
  Roaring rows_;
  std::vector<Slot> slot_of_;
  std::uint32_t runs_ = 0;  ///< Rows with several vectors.

  std::unique_ptr<VectorSegment> current_;
  std::unique_ptr<VectorSegment> next_;  ///< Being filled in place of current_; see (2).
  std::vector<Slot> moved_to_ ABSL_GUARDED_BY(mutex_);
  Slot copied_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t damaged_before_ ABSL_GUARDED_BY(mutex_) = 0;  ///< In segments that are gone.
};

}  // namespace tulving::index
