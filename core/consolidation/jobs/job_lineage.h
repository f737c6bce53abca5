#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/consolidation/work/workspace.h"

namespace tulving::consolidation {

/// What a tenant's merges, patterns and principles were made of, whatever became of them since:
/// what a person deleted is not to come back either.
class JobLineage {
 public:
  static Result<JobLineage> read(const Workspace& workspace);

  /// The raw memories behind `ids`, merges taken apart; ascending, each once.
  [[nodiscard]] std::vector<Uuid> raw_of(const std::vector<Uuid>& ids) const;

  /// What memories of `level` (2: patterns, 3: principles) were made of, ascending: raw memories
  /// or patterns.
  [[nodiscard]] std::vector<Uuid> held_by(int level) const;

  /// Whether one memory of `level` was made of all of `ids`, which are as held_by() gives them.
  [[nodiscard]] bool one_holds(int level, const std::vector<Uuid>& ids) const;

 private:
  std::map<Uuid, std::vector<Uuid>> merges_;                // Their sources, as they name them.
  std::map<int, std::vector<std::vector<Uuid>>> by_level_;  // 2 and 3; ascending each.
};

}  // namespace tulving::consolidation
