#pragma once

#include <vector>

#include "storage/postgres/projection.h"

namespace tulving::storage::postgres {

/// The eight tables of the schema "orchestrator".
[[nodiscard]] std::vector<TableSpec> orchestrator_tables(const ProjectionSettings& settings);

}  // namespace tulving::storage::postgres
