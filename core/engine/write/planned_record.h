#pragma once

#include <optional>
#include <string>

#include "core/engine/write/transaction.h"
#include "tulving/plans.h"

namespace tulving::engine {

/// The record as messages name it: kind and id.
[[nodiscard]] std::string name_of(const PlannedRecord& record);

/// The stored record with the identity of `like`, as the transaction leaves it. Empty: none.
[[nodiscard]] std::optional<PlannedRecord> current(const Transaction& transaction,
                                                   const PlannedRecord& like);

}  // namespace tulving::engine
