#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/engine/write/planned_record.h"
#include "core/engine/write/transaction.h"
#include "tulving/plans.h"

// Whether the tenant is as a plan, before it is applied or undone, needs it to be.

namespace tulving::engine {

/// What is in the way of a plan. All of it is counted, the first few are named: a plan of thousands
/// must not make a message of megabytes.
class Problems {
 public:
  void add(std::string problem);
  /// kConflict with the problems; success when there is none.
  [[nodiscard]] Status status(std::string_view what, const Uuid& plan) const;

 private:
  std::size_t count_ = 0;
  std::string text_;
};

/// The memories that the plan makes.
[[nodiscard]] std::set<Uuid> made_by(const Plan& plan);

/// Whether the change archives a memory into one of `made`, and does nothing else.
[[nodiscard]] bool is_merging(const PlanChange& change, const std::set<Uuid>& made);

/// The task that asks the merge agent for a new text of `made`. Empty: none.
[[nodiscard]] std::optional<ConsolidationTask> rewriting_of(const Transaction& transaction,
                                                            const Uuid& made);

/// Every input and every `before` is what is there, and what is made is not.
void compare_before(const Transaction& transaction, const Plan& plan, Problems& problems);

/// Every `after` is what is there, or follows from it: a merge says what its sources say now, and
/// sources may have changed, or left it. And nothing hangs on what undoing would take away.
void compare_after(const Transaction& transaction, const Plan& plan, Problems& problems);

}  // namespace tulving::engine
