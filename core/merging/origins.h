#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "tulving/records.h"

namespace tulving::merging {

/// Oldest first, as texts are merged.
void sort_by_age(std::vector<Memory>& memories);

/// A memory by its id, empty when it is not there.
using MemoryLookup = std::function<std::optional<Memory>(const Uuid&)>;

/// The raw memories behind those of `sources` that are merges, oldest first, as far as they are
/// there.
[[nodiscard]] std::vector<Memory> origins_behind(std::span<const Memory> sources,
                                                 const MemoryLookup& memory_of);

}  // namespace tulving::merging
