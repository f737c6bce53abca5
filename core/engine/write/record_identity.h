#pragma once

#include "core/engine/write/transaction.h"
#include "tulving/writes.h"

namespace tulving::engine {

// Which memory of a tenant a record that is written means.

struct RecordIdentity {
  Uuid id;                  ///< Of the memory it is, or will be.
  bool was_erased = false;  ///< It, or what bears its name or says the same, was erased.
};

/// By the id that the record gives, else by its name, else by its fields and `equal_before` (see
/// WriteOptions). kConflict: the id that its name derives is that of a memory with another name.
Result<RecordIdentity> identity_of(const Transaction& transaction, const Memory& record,
                                   std::uint32_t equal_before, bool allow_erased);

/// The memory with this id, or one with this name, was erased.
[[nodiscard]] bool was_erased(const Transaction& transaction, const Uuid& id,
                              std::string_view external_id);

/// Makes ids of the names by which `memory` refers to others, whatever ids these have.
void settle_references(const Transaction& transaction, Memory& memory);

}  // namespace tulving::engine
