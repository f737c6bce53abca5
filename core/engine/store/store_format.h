#pragma once

#include <cstdint>

#include "storage/codec/codec.h"
#include "storage/journal.h"
#include "tulving/result.h"

namespace tulving::engine {

/// The format of records and keys, in the store row. Raised when a reader of the older one could
/// not cope. See storage/FORMAT.md, Versions.
inline constexpr std::uint32_t kFormat = 6;

/// Makes the store, whose row is `store` and of an older format, one of kFormat. Cut short, it
/// leaves a store that can be read, of the format that it had, and the next one goes on.
/// kCorruption: a row that has to be moved is not what was written.
Status raise_format(storage::Journal& journal, const storage::StoreRow& store);

}  // namespace tulving::engine
