#pragma once

#include <string>

#include "storage/codec/codec.h"

namespace tulving::engine {

// model/borders.h for records as they lie in RAM, which are not decoded for it.

/// Of one user, agent and project.
[[nodiscard]] bool same_scope(const storage::MemoryRecord& a, const storage::MemoryRecord& b);

/// And of one expiry: such memories may become one.
[[nodiscard]] bool same_border(const storage::MemoryRecord& a, const storage::MemoryRecord& b);

/// One text for all records of the same_border(), and for no others.
[[nodiscard]] std::string border_key(const storage::MemoryRecord& record);

}  // namespace tulving::engine
