#pragma once

#include <memory>

#include "storage/journal.h"

namespace tulving::storage {

/// A journal in RAM: the same contract without the disk. For Store::open_in_memory and tests.
[[nodiscard]] std::unique_ptr<Journal> open_memory_journal();

}  // namespace tulving::storage
