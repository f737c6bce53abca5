#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tulving/position.h"

namespace tulving {

/// A record that was written, or is gone for good.
struct Change {
  std::uint64_t revision = 0;  ///< Of the write that changed it last.
  std::string tenant_id;
  /// "memory", "session", "consolidation_task", as import files name it, or "plan"; "embedding"
  /// only where `erased`: a vector that was taken off a memory which stays. Its embeddings and its
  /// history go with a memory, and are no changes of their own. "tenant", always `erased`: it was
  /// dropped, and with it all that was there before.
  std::string kind;
  /// A memory's, relation's, plan's or job's UUID, a session's session_id, a task's task_id, an
  /// embedding's "MEMORY/MODEL", a tenant's id.
  std::string id;
  bool erased = false;  ///< It is not there any more; a forgotten memory is.

  friend bool operator==(const Change&, const Change&) = default;
};

/// Some of the changes since a revision, by revision. Each record once, as it was changed last.
struct ChangePage {
  std::vector<Change> changes;
  std::uint64_t revision = 0;  ///< Complete up to here: ask for what comes after it next.
  bool is_last = true;         ///< There was nothing after `revision` when it was asked.
  Uuid incarnation = {};       ///< Of which `revision` is. Nil: the store has none yet.

  /// Where the next page begins.
  [[nodiscard]] Position position() const { return {revision, incarnation}; }
};

}  // namespace tulving
