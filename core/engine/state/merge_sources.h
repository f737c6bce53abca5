#pragma once

#include <cstdint>
#include <memory>
#include <roaring/roaring.hh>
#include <vector>

#include "core/base/check.h"

namespace tulving::engine {

class TenantState;

/// Which memories a tenant's merges stand for: those that were archived into them (and what gc
/// made of those since), as the merge and the source both say, of the same user, agent and project.
/// A snapshot; TenantState keeps it until lineage changes.
struct MergeSources {
  /// A memory, and a merge that holds it: directly, or through merges in between.
  struct Pair {
    std::uint32_t merge = 0;
    std::uint32_t source = 0;
  };
  std::vector<Pair> pairs;  ///< Those of a merge together, merges before the merges that hold them.
  Roaring rows;             ///< All that are in pairs.
  Roaring merges;           ///< Merges whose sources are all here: who answer by them alone.

  static MergeSources of(const TenantState& tenant);
};

/// Makes conditions on memories be judged for a merge source by source. Each pair is a row of its
/// own, numbered from `first` on, so that and, or and not are what they are for any rows.
class SourceRows {
 public:
  /// Whose value of a field a source is judged by.
  enum class Of : std::uint8_t {
    kSource,       ///< Its own.
    kSourceOrAll,  ///< Its own; what the merge has and none of its sources, each of them has.
    kMerge,        ///< The merge's: its life, that is.
  };

  SourceRows(std::shared_ptr<const MergeSources> lineage, std::uint32_t first)
      : lineage_(std::move(lineage)), first_(first) {
    TULVING_DCHECK(lineage_ != nullptr && !lineage_->pairs.empty());
  }

  /// `rows`, of memories, with the pairs for which that holds.
  [[nodiscard]] Roaring with_pairs(Roaring rows, Of of) const;
  /// `rows` with all pairs.
  [[nodiscard]] Roaring with_all_pairs(Roaring rows) const;
  [[nodiscard]] const MergeSources& lineage() const { return *lineage_; }
  /// The row of lineage().pairs[i].
  [[nodiscard]] std::uint32_t row_of_pair(std::size_t i) const {
    return first_ + static_cast<std::uint32_t>(i);
  }
  /// The memories of `rows`: but those merges only that a pair in `rows` speaks for.
  [[nodiscard]] Roaring lifted(Roaring rows) const;

 private:
  [[nodiscard]] Roaring sources_of(const Roaring& rows, bool or_all) const;
  [[nodiscard]] std::uint64_t end() const { return std::uint64_t{first_} + lineage_->pairs.size(); }

  std::shared_ptr<const MergeSources> lineage_;
  std::uint32_t first_;
};

}  // namespace tulving::engine
