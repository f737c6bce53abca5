#pragma once

#include <cstddef>
#include <span>

#include "core/base/checkpoint/checkpoint_file.h"

namespace tulving::index {

/// Fills `into` with a whole section, on two threads when it is large: one thread reads the page
/// cache and hashes at some 4 GB/s, which for 100,000 x 1536 vectors would be half the time to the
/// first answer. kCorruption: also when the section's size is not `into`'s.
Status read_section(const CheckpointReader& reader, std::size_t section, std::span<std::byte> into);

}  // namespace tulving::index
