#pragma once

#include "storage/postgres/table.h"

namespace tulving::storage::postgres {

/// The table of the schema "cortex" that holds the consolidation queue.
[[nodiscard]] TableSpec consolidation_tasks();

}  // namespace tulving::storage::postgres
