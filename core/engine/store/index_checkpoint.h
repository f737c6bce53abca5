#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/files/file_system.h"
#include "core/engine/state/tenant_state.h"
#include "tulving/result.h"

namespace tulving::engine {

// Checkpoints of one tenant's indexes, in a directory of the tenant's own: "rows" says which memory
// had which row and what its text was, "text" and "vectors-N" hold the indexes by row. They only
// save work: the log is the truth, and what is missing, stale or damaged, or was made of another
// history than the log's, is rebuilt from it.

/// Which memory a checkpoint's row number stood for.
struct CheckpointRow {
  Uuid id;  ///< Nil: the row was free.
  std::array<char, 32> content_hash{};
};

struct CheckpointRows {
  CheckpointOrigin origin;
  std::vector<CheckpointRow> rows;
};

struct CheckpointIndexes {
  std::future<std::unique_ptr<index::TextIndex>> text;  ///< May come later; null: it is left out.
  std::map<std::uint16_t, std::unique_ptr<index::VectorIndex>> vectors;
};

/// Where the vectors of a model are to be had, by the row that their memory had in the checkpoint.
using VectorSources = std::function<index::VectorSource(std::uint16_t model)>;

/// Writes all files of `origin`, which is durable in the log. The caller keeps writers away.
Status save_checkpoint(FileSystem& files, const std::filesystem::path& directory,
                       const TenantState& tenant, const CheckpointOrigin& origin);

/// Reads which rows a tenant's checkpoint has; none when it is missing or damaged.
[[nodiscard]] CheckpointRows load_checkpoint_rows(FileSystem& files,
                                                  const std::filesystem::path& directory);

/// Reads the indexes of a tenant's checkpoint; `dims` are the dimensions of its models by number.
/// Parts that are missing, damaged or of another origin than the rows are left out. Vectors may
/// come in later, and be made anew by `sources` where the file is damaged: see VectorIndex::load().
[[nodiscard]] CheckpointIndexes load_checkpoint_indexes(
    FileSystem& files, const std::filesystem::path& directory, const CheckpointOrigin& origin,
    const std::map<std::uint16_t, std::uint32_t>& dims, const VectorIndexOptions& options,
    const VectorSources& sources);

/// Removes all checkpoints of the store in `store`; no power cut brings them back.
Status remove_checkpoints(FileSystem& files, const std::filesystem::path& store);

/// Removes those of tenants whose numbers are not among `living`, which were dropped. Errors are
/// passed over: nobody reads what is left, since no number is given twice.
void remove_checkpoints_but(FileSystem& files, const std::filesystem::path& store,
                            const std::set<std::uint32_t>& living);

/// The directory of tenant `number` under a store's.
[[nodiscard]] std::filesystem::path checkpoint_directory(const std::filesystem::path& store,
                                                         std::uint32_t number);

}  // namespace tulving::engine
