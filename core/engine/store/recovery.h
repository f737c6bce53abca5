#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/files/file_system.h"
#include "core/base/incarnations.h"
#include "core/engine/state/catalog.h"
#include "storage/journal.h"
#include "tulving/options.h"
#include "tulving/result.h"

namespace tulving::engine {

struct Recovered {
  std::uint64_t revision = 0;  ///< The greatest of any row.
  std::uint64_t replayed = 0;  ///< Memories whose indexes no checkpoint held.
};

/// What the log's meta rows say of the store.
struct LogHead {
  Uuid store_id;
  Incarnations incarnations;
  std::uint64_t revision = 0;  ///< The greatest of them.
};

/// Reads every row of the log into the catalog's tenants: records first, then the indexes, from
/// checkpoints in `directory` (empty: none) as far as they are of the log's history and current,
/// rebuilt otherwise. Models and tenants are in the catalog already. kCorruption: a row is not what
/// was written; it is named.
///
/// Indexes may ask `journal`, of which `reader` is a moment, for vectors as long as they live.
Result<Recovered> recover_tenants(const storage::Journal& journal,
                                  const storage::JournalReader& reader, const LogHead& head,
                                  Catalog& catalog, FileSystem& files,
                                  const std::filesystem::path& directory,
                                  const StoreOptions& options);

}  // namespace tulving::engine
