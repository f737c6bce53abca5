#pragma once

#include <span>
#include <vector>

#include "core/engine/write/transaction.h"

namespace tulving::engine {

// Merges, patterns and principles as core/merging makes them, of what a transaction leaves.

/// What one was made of: `made` as it was made, or is.
struct Derivation {
  Memory made;
  /// A merge stands for its sources, which are archived into it; a pattern stands beside them.
  bool is_merge = true;
  std::string model;    ///< Whose vectors say which source is central to a pattern.
  double cohesion = 0;  ///< As it was found, -1..1.
};

/// How `made` was derived, from what the store keeps of that.
Result<Derivation> derivation_of(const Transaction& transaction, Memory made, bool is_merge);

/// What `sources`, two or more, give in its place: extractive, with vectors averaged over the
/// sources that have one. kInvalidArgument: they give no valid memory, such as one whose text is
/// too long, or they may not be merged.
/// `origins` are the raw memories behind those sources that are merges: they tell when it was said.
Result<Memory> derive(const Transaction& transaction, const Derivation& derivation,
                      std::span<const Memory> sources, std::span<const Memory> origins);

/// What the sources of `made` give now. As derive(), and kNotFound: one is not there.
Result<Memory> derived_now(const Transaction& transaction, const Memory& made);

/// Whether `made` is what its sources give now: nobody has changed it since it was derived.
[[nodiscard]] bool is_as_derived(const Transaction& transaction, const Memory& made);

/// The memories as the transaction leaves them, with their vectors. All are there.
Result<std::vector<Memory>> read_memories(const Transaction& transaction,
                                          std::span<const Uuid> ids);
/// As the store has them before this write. Empty: one was not there.
Result<std::vector<Memory>> read_memories_before(const Transaction& transaction,
                                                 std::span<const Uuid> ids);

/// The raw memories behind those of `sources` that are merges, oldest first, as far as they are
/// there: as the transaction leaves them, and as the store has them before it.
[[nodiscard]] std::vector<Memory> origins_of(const Transaction& transaction,
                                             std::span<const Memory> sources);
[[nodiscard]] std::vector<Memory> origins_of_before(const Transaction& transaction,
                                                    std::span<const Memory> sources);

}  // namespace tulving::engine
