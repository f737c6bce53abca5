#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/engine/write/transaction.h"
#include "tulving/plans.h"

namespace tulving::engine {

/// What followed a write.
struct Followed {
  /// The merges, patterns and principles that were changed or removed, by the memory whose change
  /// they followed.
  std::map<Uuid, std::set<Uuid>> by_source;
  /// All that was done: memories, relations and tasks, each once.
  std::vector<PlanChange> changes;

  /// Ascending.
  [[nodiscard]] std::vector<Uuid> of(const Uuid& source) const;
};

/// Stages what has to follow from everything staged so far, by the rule of tulving::Tenant: what is
/// made of a memory that changed, was forgotten, recovered or erased is derived anew; a source that
/// no longer belongs leaves. Every write ends with it.
///
/// A source of a merge is a memory that the merge names in source_memory_ids, and that names it in
/// consolidated_into_id: archived, or deleted once gc has collected it. Both are kept exact.
Result<Followed> follow(Transaction& transaction);

}  // namespace tulving::engine
