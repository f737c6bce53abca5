#include "core/engine/store/index_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "core/base/beside.h"
#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/files/directories.h"
#include "core/base/files/io_error.h"

namespace tulving::engine {
namespace {

constexpr std::string_view kRowsKind = "ROWS";
constexpr std::uint32_t kRowsVersion = 1;

std::filesystem::path vectors_file(const std::filesystem::path& directory, std::uint16_t model) {
  return directory / fmt::format("vectors-{}", model);
}

CheckpointOrigin of_model(CheckpointOrigin origin, std::uint16_t model) {
  origin.part = model;
  return origin;
}

Status save_rows(FileSystem& files, const std::filesystem::path& file, const TenantState& tenant,
                 const CheckpointOrigin& origin) {
  std::vector<CheckpointRow> rows(tenant.memories.row_limit());
  for (const std::uint32_t row : tenant.memories.rows()) {
    const auto& record = *tenant.memories.record(row);
    rows[row].id = record.id();
    // Of the text alone: no text is no hash, whatever the content's is.
    const std::string_view hash = record.text().empty() ? "" : record.content_hash();
    std::copy_n(hash.data(), std::min(hash.size(), rows[row].content_hash.size()),
                rows[row].content_hash.data());
  }
  auto writer = CheckpointWriter::open(file, {kRowsKind, kRowsVersion, origin}, files);
  if (!writer) return writer.error();
  if (auto status = writer->write_array(std::span<const CheckpointRow>(rows)); !status) {
    return status;
  }
  return writer->finish();
}

}  // namespace

std::filesystem::path checkpoint_directory(const std::filesystem::path& store,
                                           std::uint32_t number) {
  return store / "index" / std::to_string(number);
}

Status remove_checkpoints(FileSystem& files, const std::filesystem::path& store) {
  if (auto status = remove_all(files, store / "index"); !status) return status;
  const auto directory = Descriptor::open(files, store, O_RDONLY | O_DIRECTORY);
  const int cause = directory.is_open() ? directory.fsync() : directory.cause();
  return cause == 0 ? Status() : Status(disk_error("fsync", store.string(), cause));
}

void remove_checkpoints_but(FileSystem& files, const std::filesystem::path& store,
                            const std::set<std::uint32_t>& living) {
  const auto index = Descriptor::open(files, store / "index", O_RDONLY | O_DIRECTORY);
  std::vector<std::string> names;
  if (!index.is_open() || index.list(names) != 0) return;
  std::set<std::string> kept;
  for (const std::uint32_t number : living) {
    kept.insert(checkpoint_directory(store, number).filename().string());
  }
  for (const std::string& name : names) {
    const bool is_ours = name.find_first_not_of("0123456789") == std::string::npos;
    if (is_ours && !kept.contains(name)) {
      (void)remove_all(files, store / "index" / name).has_value();
    }
  }
}

Status save_checkpoint(FileSystem& files, const std::filesystem::path& directory,
                       const TenantState& tenant, const CheckpointOrigin& origin) {
  TULVING_DCHECK(origin.part == 0 && origin.tenant == tenant.number);
  if (auto created = create_directories(files, directory); !created) {
    return created.error();
  }
  if (auto status = tenant.text().save(directory / "text", origin, files); !status) return status;
  TULVING_KILL_POINT("checkpoint.text");
  for (const auto& [model, index] : tenant.vectors) {
    auto status = index->save(vectors_file(directory, model), of_model(origin, model), files);
    // A graph that lost links is no checkpoint's: without one it is built anew at the next opening.
    if (!status && !index->is_damaged()) return status;
  }
  TULVING_KILL_POINT("checkpoint.vectors");
  // Last: without it the others are not looked at, and with it they are complete.
  return save_rows(files, directory / "rows", tenant, origin);
}

CheckpointRows load_checkpoint_rows(FileSystem& files, const std::filesystem::path& directory) {
  auto reader = CheckpointReader::open(directory / "rows", kRowsKind, kRowsVersion, files);
  if (!reader) return {};
  auto rows = reader->read_array<CheckpointRow>(0);
  if (!rows) return {};
  return {reader->origin(), *std::move(rows)};
}

CheckpointIndexes load_checkpoint_indexes(FileSystem& files, const std::filesystem::path& directory,
                                          const CheckpointOrigin& origin,
                                          const std::map<std::uint16_t, std::uint32_t>& dims,
                                          const VectorIndexOptions& options,
                                          const VectorSources& sources) {
  CheckpointIndexes loaded;
  // Not at a lower priority: a search for words may wait for it, and then for all that is busy.
  loaded.text =
      beside([file = directory / "text", origin, &files]() -> std::unique_ptr<index::TextIndex> {
        CheckpointOrigin saved;
        auto index = index::TextIndex::load(file, saved, files);
        return index && saved == origin ? *std::move(index) : nullptr;
      });
  for (const auto& [model, dim] : dims) {
    CheckpointOrigin saved;
    auto index = index::VectorIndex::load(vectors_file(directory, model), dim, options, saved,
                                          files, sources(model));
    if (index && saved == of_model(origin, model)) loaded.vectors[model] = *std::move(index);
  }
  return loaded;
}

}  // namespace tulving::engine
