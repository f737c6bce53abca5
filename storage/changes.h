#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/codec/codec.h"
#include "storage/journal.h"
#include "tulving/result.h"

namespace tulving::storage {

// The change feed: under change_key(R), what the write of revision R put into Table::kRecords. It
// is written in that write's own batch, so from the feed's first row to the store's revision each
// write has its row. Old rows are taken out; what a reader cannot find here it finds by a pass over
// the records, each of which bears its revision. (A memory's vectors and versions are written with
// it, and are not named.)

/// What a row counts for in ChangeRow::total.
[[nodiscard]] inline std::uint64_t weight_of(const ChangeRow& row) {
  return 1 + row.changed.size();
}

/// The feed's row of a write; empty: it has none (any more).
Result<std::optional<ChangeRow>> change_row(const JournalReader& reader, std::uint64_t revision);

/// The keys in Table::kRecords of what was put after `since` up to `revision`, ascending, each
/// once; rows that are gone among them. Empty: the feed does not go back that far, or names more
/// than `changes_max`.
Result<std::optional<std::vector<std::string>>> changed_keys(const JournalReader& reader,
                                                             std::uint64_t since,
                                                             std::uint64_t revision,
                                                             std::size_t changes_max);

}  // namespace tulving::storage
