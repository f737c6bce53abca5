#pragma once

#include <cstdint>
#include <deque>

#include "tests/torture/model.h"
#include "tests/torture/operation.h"

namespace tulving::torture {

/// What kinds of steps a script has.
struct ScriptOptions {
  bool has_files = true;          ///< Snapshots, restores, checkpoints, reopening, old formats.
  std::size_t memories_max = 40;  ///< Alive in a tenant, about.
};

/// An endless workload and what a store must hold after each number of its operations, all made of
/// one seed. The operation at a place depends on the seed, the place and the model there, and on
/// nothing else: so a process that was killed is followed by one that goes on where it fell.
///
/// Not thread-safe.
class Script {
 public:
  Script(std::uint64_t seed, const ScriptOptions& options) : seed_(seed), options_(options) {
    models_.emplace_back();
  }

  /// What is held after the first `count` operations. `count` was not forgotten.
  const Model& after(std::uint64_t count);
  /// The operation after those, and how the store must answer.
  struct Next {
    Operation operation;
    std::optional<ErrorCode> refusal;
  };
  Next next(std::uint64_t count);
  /// Nobody asks for fewer any more.
  void forget_before(std::uint64_t count);

 private:
  Operation make(const Model& model, std::uint64_t count) const;

  const std::uint64_t seed_;
  const ScriptOptions options_;
  std::uint64_t first_ = 0;  ///< The count that models_.front() is of.
  std::deque<Model> models_;
};

}  // namespace tulving::torture
