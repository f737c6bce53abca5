#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/journal.h"
#include "storage/snapshot/snapshot_files.h"
#include "tulving/result.h"

namespace tulving::storage {

/// The rows that a snapshot looks at: every one of a table, or, with `since`, those alone that the
/// change feed names, where it goes back that far and there are few. Which of them it takes is the
/// writer's matter: both ways show it the same rows above `since`.
class SnapshotRows {
 public:
  static Result<SnapshotRows> choose(const JournalReader& reader, const SnapshotSource& source);

  /// Visits the rows of a table in key order. The change feed is none of them: it is the store's
  /// own, and a restored store begins another.
  Status visit(Table table, const ScanVisitor& visit) const;

 private:
  explicit SnapshotRows(const JournalReader& reader) : reader_(reader) {}
  Status visit_changed(Table table, const ScanVisitor& visit) const;

  const JournalReader& reader_;
  std::optional<std::vector<std::string>> changed_;  ///< Keys of kRecords; empty: look at all.
};

}  // namespace tulving::storage
