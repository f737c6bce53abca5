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
/// SQL: the array that belongs into the row of the memory that the SQL expression `memory` names.
/// A constant text, for Column::if_null, with the schema's name from the session's settings.
inline constexpr auto kRelatedOfStaged =
    "(SELECT coalesce(array_agg(o.id ORDER BY o.id), '{}') FROM (SELECT l.target_id AS id FROM "
    "tulving.sync_links l WHERE l.schema_name = current_schema() AND l.source_id = s.memory_id "
    "UNION SELECT l.source_id FROM tulving.sync_links l WHERE l.schema_name = current_schema() "
    "AND l.target_id = s.memory_id) o)";

}  // namespace tulving::storage::postgres
