#pragma once

#include "tulving/operations.h"

namespace tulving {

// What this library adds to the table of operations, each in a file of its own.

[[nodiscard]] Operation sync_operation();
[[nodiscard]] Operation hydrate_operation();

}  // namespace tulving
