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

 private:
  FileSystem& files_;
  const std::filesystem::path directory_;
  const Manifest manifest_;
};

SnapshotReader::SnapshotReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SnapshotReader::SnapshotReader(SnapshotReader&&) noexcept = default;
SnapshotReader& SnapshotReader::operator=(SnapshotReader&&) noexcept = default;
SnapshotReader::~SnapshotReader() = default;

Result<SnapshotReader> SnapshotReader::open(const std::filesystem::path& directory,
                                            FileSystem& files) {
  auto manifest = read_manifest(files, directory);
  if (!manifest) return manifest.error();
  SnapshotReader reader(std::make_unique<Impl>(files, directory, *std::move(manifest)));
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto ignore = [](std::string_view, std::string_view) -> Status { return {}; };
    if (auto status = reader.scan(static_cast<Table>(i), ignore); !status) return status.error();
  }
  return reader;
}

const SnapshotInfo& SnapshotReader::info() const { return impl_->info(); }

Status SnapshotReader::scan(Table table, const ScanVisitor& visit) const {
  return impl_->scan(table, visit);
}

}  // namespace tulving::storage

namespace tulving {

Result<SnapshotInfo> inspect_snapshot(const std::filesystem::path& directory) {
  auto reader = storage::SnapshotReader::open(directory);
  if (!reader) return reader.error();
  return reader->info();
}

}  // namespace tulving
