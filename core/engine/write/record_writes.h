#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/engine/write/transaction.h"
#include "tulving/plain_records.h"

namespace tulving::engine {

// What putting a record of a plain kind means. Records come checked by model::check_record().

/// Gives the record the id that its kind says, where it has none: random, derived of its parts, or,
/// a task's, of what it is about.
template <class Record>
void complete(Record& record, const std::string& tenant_id);

/// Fills in what is left empty: the id, and the times that a put sets, from `present`, the record
/// that is there (null: none), else from `now`.
template <class Record>
void complete(Record& record, const std::string& tenant_id, const Record* present, Timestamp now);

/// Tenant::put(). Names of memories become ids.
template <class Record>
Result<PutResult<Record>> stage_put(Transaction& transaction, Record record,
                                    std::optional<std::uint64_t> expected_revision = {});

/// What the record names is there. kNotFound, with the field.
template <class Record>
Status check_ends(const Transaction& transaction, const Record& record);

}  // namespace tulving::engine
