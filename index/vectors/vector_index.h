#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <roaring/roaring.hh>
#include <span>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/files/file_system.h"
#include "index/vectors/rows/vector_mender.h"
#include "tulving/options.h"
#include "tulving/result.h"

namespace tulving::index {

struct GraphHealth;

/// The most vectors that a row may have.
inline constexpr std::uint32_t kRowVectorsMax = 64;

struct VectorIndexCounts {
  std::uint64_t vectors = 0, in_graph = 0, tombstones = 0, bytes = 0;
  std::uint64_t rows = 0;     ///< That have a vector, or several.
  std::uint64_t damaged = 0;  ///< Parts of the checkpoint that were damaged, as far as was seen.
};

/// One tenant's vectors of one model, to be searched by cosine (vector_arm.h): an exact scan of
/// int8 codes with re-ranking by finer ones while there are few, an HNSW graph over the same codes
/// beyond that.
///
/// Rows are the tenant's; each has one vector or several, passages of a text, of which the nearest
/// to a query counts. set() on a row that has some puts the new ones in new slots and leaves
/// tombstones in the old. The slots of a row's vectors follow each other, so that a row with one
/// costs no more for others that have several.
///
/// Thread safety: const members may run beside each other and beside build_step(), which any number
///   of threads may be in. set(), erase() and reclaim() need the index to themselves, except that
///   build_step() may be running. counts(), wants_building(), rows_to_build() and wants_reclaim()
///   may run beside anything. A row set before a search starts is seen by it, in the graph or not.
class VectorIndex {
 public:
  VectorIndex(std::uint32_t dim, const VectorIndexOptions& options);
  ~VectorIndex();

  /// `vectors`: of the row, one after the other; 1..kRowVectorsMax of dim floats.
  void set(std::uint32_t row, std::span<const float> vectors);
  void erase(std::uint32_t row);

  /// Cosine of two rows, NaN when either has none. One with several vectors is compared by their
  /// mean_direction(). For many pairs: RowSimilarity.
  [[nodiscard]] float similarity(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] bool contains(std::uint32_t row) const;
  /// Whether what is kept of a row are the directions of `vectors`, as its fixed point rounds them,
  /// and the bounds that a search goes by are those of them: as set() would make it, but for what
  /// another machine's arithmetic may round otherwise.
  [[nodiscard]] bool holds(std::uint32_t row, std::span<const float> vectors) const;
  /// Rows that have a vector.
  [[nodiscard]] const Roaring& rows() const;

  /// Inserts up to `rows_max` waiting vectors into the graph. True while more work waits: false
  /// says that this thread found none, others may have theirs in hand. One thread builds the same
  /// graph of the same writes each time; of several, each is as good. After std::bad_alloc the
  /// graph grows no further, and what it lacks is scanned.
  bool build_step(std::uint32_t rows_max);
  /// True when build_step() has work.
  [[nodiscard]] bool wants_building() const;
  /// About how many vectors that work is: those that wait, and those that a rebuild has to move.
  [[nodiscard]] std::uint64_t rows_to_build() const;
  /// Frees what the graph has taken over, makes room in it, and swaps in what was rebuilt after
  /// many deletions. Without it the graph stops growing when it is full, and further rows are
  /// scanned.
  void reclaim();
  /// True when reclaim() has something to do: then call it soon.
  [[nodiscard]] bool wants_reclaim() const;

  [[nodiscard]] std::uint32_t dim() const;
  [[nodiscard]] VectorIndexCounts counts() const;

  /// Checks every link of the graph, and that slots, rows and nodes agree. Needs the index to
  /// itself.
  [[nodiscard]] GraphHealth check_invariants() const;

  /// Writes a checkpoint stamped with `origin` (tmp + fsync + rename + fsync of the directory).
  /// kBusy: is_damaged().
  Status save(const std::filesystem::path& file, const CheckpointOrigin& origin,
              FileSystem& files = FileSystem::machine()) const;
  /// Reads one back, every checksum verified, every link and count checked. kNotFound: no such
  /// file. kCorruption: damaged, or for another dim, M, residual bits or format. `origin` gets the
  /// stamp.
  ///
  /// With a `source`, an index that has a graph is there before its vectors are: they come in and
  /// are verified when they are first needed, the rest by build_step(), and until then the file
  /// stays open. A damaged one is made anew of what `source` says. If it is a node's, what it led
  /// to is lost: no walk is believed any more, searches scan, and build_step() makes a new graph.
  static Result<std::unique_ptr<VectorIndex>> load(const std::filesystem::path& file,
                                                   std::uint32_t dim,
                                                   const VectorIndexOptions& options,
                                                   CheckpointOrigin& origin,
                                                   FileSystem& files = FileSystem::machine(),
                                                   VectorSource source = {});
  /// Brings in a few vectors that load() left; false: none is left for this thread. A part of
  /// build_step(), for who wants no more of it.
  bool load_step();
  /// Brings in all that load() left, and lets go of the file. Needs the index to itself, except
  /// that build_step() may be running.
  void finish_loading();
  /// Whether a part of the checkpoint was found damaged and the graph not yet made anew: then it is
  /// not to be saved.
  [[nodiscard]] bool is_damaged() const;

 private:
  friend class VectorArm;
  friend class RowSimilarity;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::index
