#pragma once

#include <cstdint>

#include "storage/postgres/source.h"
#include "storage/postgres/table.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

// Where no table holds relations, but memories' rows name those that they join, the ledger keeps
// the relations' ends: what a relation that is gone joined is known there alone.

/// Brings tulving.sync_links to what the snapshot says; what was changed is left in the temporary
/// table tulving_linked.
Status send_links(Connection& connection, const LedgerScope& scope, Source& source,
                  std::uint64_t floor);
/// Corrects the column of related memories in the rows that this concerns; how many.
Result<std::uint64_t> refresh_links(Connection& connection, const LedgerScope& scope,
                                    const TableSpec& table);
}  // namespace tulving::storage::postgres
