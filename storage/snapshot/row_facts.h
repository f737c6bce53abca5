#pragma once

#include <cstdint>
#include <string_view>

#include "storage/journal.h"

namespace tulving::storage {

/// What a snapshot needs to know of a row.
struct RowFacts {
  std::string_view kind;  ///< Its name in SnapshotInfo::counts; empty: it is not counted.
};

/// Decodes a row, so that a damaged one never gets into a snapshot. kCorruption: it is damaged, or
/// of a kind that this release does not know.
Result<RowFacts> row_facts(Table table, std::string_view key, std::string_view value);

}  // namespace tulving::storage
