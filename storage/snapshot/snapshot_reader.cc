#include "core/base/check.h"
#include "storage/snapshot/manifest.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving::storage {

class SnapshotReader::Impl {
 public:
  Impl(FileSystem& files, std::filesystem::path directory, Manifest manifest)
      : files_(files), directory_(std::move(directory)), manifest_(std::move(manifest)) {}

  [[nodiscard]] const SnapshotInfo& info() const { return manifest_.info; }

  Status scan(Table table, const ScanVisitor& visit) const {
    return read_block_file(files_, directory_, table,
                           manifest_.files[static_cast<std::size_t>(table)], visit);
  }

  Status scan(Table table, const BlockChoice& is_wanted, const ScanVisitor& visit) const {
    return read_blocks(files_, directory_, table, blocks_[static_cast<std::size_t>(table)],
                       is_wanted, visit);
  }

  Status verify(Table table, const ScanVisitor& visit) {
    TULVING_DCHECK(blocks_[static_cast<std::size_t>(table)].empty());  // Once: scans go by them.
    const auto i = static_cast<std::size_t>(table);
    return read_block_file(files_, directory_, table, manifest_.files[i], visit, &blocks_[i]);
  }

 private:
  FileSystem& files_;
  const std::filesystem::path directory_;
  const Manifest manifest_;
  std::array<std::vector<VerifiedBlock>, kTableCount> blocks_;
};

SnapshotReader::SnapshotReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SnapshotReader::SnapshotReader(SnapshotReader&&) noexcept = default;
SnapshotReader& SnapshotReader::operator=(SnapshotReader&&) noexcept = default;
SnapshotReader::~SnapshotReader() = default;

Result<SnapshotReader> SnapshotReader::open(const std::filesystem::path& directory,
                                            FileSystem& files, const Seen& seen) {
  auto manifest = read_manifest(files, directory);
  if (!manifest) return manifest.error();
  SnapshotReader reader(std::make_unique<Impl>(files, directory, *std::move(manifest)));
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    auto status =
        reader.impl_->verify(table, [&](std::string_view key, std::string_view value) -> Status {
          return seen ? seen(table, key, value) : Status();
        });
    if (!status) return status.error();
  }
  return reader;
}

const SnapshotInfo& SnapshotReader::info() const { return impl_->info(); }

Status SnapshotReader::scan(Table table, const ScanVisitor& visit) const {
  return impl_->scan(table, visit);
}

Status SnapshotReader::scan(Table table, const BlockChoice& is_wanted,
                            const ScanVisitor& visit) const {
  return impl_->scan(table, is_wanted, visit);
}

}  // namespace tulving::storage

namespace tulving {

Result<SnapshotInfo> inspect_snapshot(const std::filesystem::path& directory) {
  auto reader = storage::SnapshotReader::open(directory);
  if (!reader) return reader.error();
  return reader->info();
}

}  // namespace tulving
