#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/torture/operation.h"
#include "tulving/tulving.h"

namespace tulving::torture {

/// What is known of a record, as one line; by what it is and its name. Two stores that hold the
/// same have equal facts.
using Facts = std::map<std::string, std::string>;

struct MemoryFact {
  std::string text;
  std::uint32_t vector = 0;  ///< By which vector_of() makes it; 0: none.
  std::string tag;
  std::string session;
  std::int32_t priority = 5;
  std::int32_t uses = 0;
  MemoryStatus status = MemoryStatus::kActive;
  int versions = 1;
};

struct TaskFact {
  std::string title;
  std::string memory;
  bool is_closed = false;
};

/// A plan that makes one memory, changes the text of another and links the two.
struct PlanFact {
  std::string made, changed, text_before;
  bool is_undone = false;
  bool can_be_undone = true;  ///< Nobody touched what it changed.
};

struct TenantModel {
  std::map<std::string, MemoryFact> memories;  ///< By external id.
  std::set<std::string> erased;                ///< Names of memories.
  std::set<std::string> retracted;             ///< Of these, taken back by an undo: may return.
  std::map<std::pair<std::string, std::string>, double> relations;
  std::map<std::string, std::string> sessions;  ///< Their summaries.
  std::map<std::string, TaskFact> tasks;
  std::map<std::string, PlanFact> plans;
  std::map<std::string, std::vector<NewMemory>> retry_keys;  ///< What each was used for.
};

/// What a store holds after the first so many operations: written by hand, by what the public
/// headers say, without a look at the engine.
struct Model {
  std::array<TenantModel, kTenants> tenants;
  struct SnapshotFact {
    std::uint64_t number = 0;  ///< Of the operation that took it.
    std::uint64_t facts = 0;   ///< digest_of() what it holds.
  };
  std::map<int, SnapshotFact> snapshots;  ///< By slot.

  /// Carries the operation out. The error that the store has to answer with; empty: success.
  std::optional<ErrorCode> apply(const Operation& operation);
  [[nodiscard]] Facts facts() const;
};

/// Of one memory: what the model and the store are asked alike.
[[nodiscard]] std::string memory_line(const MemoryFact& memory, std::uint64_t vector_digest,
                                      int tenant);
[[nodiscard]] std::uint64_t digest_of(const Facts& facts);
[[nodiscard]] std::uint64_t digest_of(const std::vector<float>& vector);

}  // namespace tulving::torture
