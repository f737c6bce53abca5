#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/write/transaction.h"
#include "tulving/plans.h"

namespace tulving::engine {

/// A transaction's changes by follow(), noted down as a plan notes them.
class FollowWrites {
 public:
  explicit FollowWrites(Transaction& transaction) : transaction_(transaction) {}

  /// Keeps the version before in the history, under "follow".
  Status put(Memory memory);
  /// The memory has gone into others, or nothing is left of it. It may come back.
  Status remove(const Memory& memory);
  void put(Relation relation);
  void erase(const Relation& relation);
  void put(ConsolidationTask task);

  [[nodiscard]] std::vector<PlanChange> take_changes();

 private:
  void note(std::optional<PlannedRecord> before, std::optional<PlannedRecord> after);

  Transaction& transaction_;
  std::map<std::string, PlanChange> changes_;  ///< By kind and name.
};

}  // namespace tulving::engine
