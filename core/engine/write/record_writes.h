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
void give_id(const std::string& tenant_id, Record& record);

/// Fills in the times that a put sets and that are left empty, from `present`, the record that is
/// there (null: none), else from `now`.
template <class Record>
void fill_times(Record& record, const Record* present, Timestamp now);

/// Tenant::put(). Names of memories become ids.
template <class Record>
Result<PutResult<Record>> stage_put(Transaction& transaction, Record record,
                                    std::optional<std::uint64_t> expected_revision = {});

/// What the record names is there, as check_references() of memory_writes.h is for a memory.
/// kNotFound, with the field.
template <class Record>
Status check_references(const Transaction& transaction, const Record& record);

}  // namespace tulving::engine
