#pragma once

#include "storage/postgres/table.h"

namespace tulving::storage::postgres {

/// The table of the schema "consolidation" that holds the jobs with their progress.
[[nodiscard]] TableSpec consolidation_jobs();

}  // namespace tulving::storage::postgres
