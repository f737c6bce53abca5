#pragma once

#include <cstdint>
#include <span>

#include "core/engine/store/index_checkpoint.h"
#include "storage/journal.h"

namespace tulving::engine {

/// Where a tenant's vectors come from when their checkpoint is damaged: the log, by the memories
/// that the checkpoint's rows stood for. It is the log of the moment of asking, which may have a
/// later vector, or none; then the index has been told already, or will be in a moment.
VectorSources vectors_in_log(const storage::Journal& journal, std::uint32_t tenant,
                             std::span<const CheckpointRow> rows);

}  // namespace tulving::engine
