#include <limits>

#include "core/base/check.h"
#include "core/base/files/io_error.h"
#include "core/base/hash.h"
#include "storage/snapshot/block_file.h"
#include "storage/snapshot/block_format.h"

namespace tulving::storage {

std::string_view block_file_name(Table table) {
  switch (table) {
    case Table::kMeta:
      return "meta.rows";
    case Table::kRecords:
      return "records.rows";
    case Table::kVectors:
      return "vectors.rows";
    case Table::kHistory:
      return "history.rows";
  }
  return "";
}

class BlockFileWriter::Impl {
 public:
  Impl(std::filesystem::path path, Descriptor file, Table table)
      : path_(std::move(path)), file_(std::move(file)), headers_(file_header(table)) {
    TULVING_DCHECK(headers_.size() == kFileHeaderBytes);
    facts_.name = block_file_name(table);
    facts_.bytes = headers_.size();
  }

  Status begin() { return write(headers_); }

  Status add(std::string_view key, std::string_view value) {
    const std::size_t entry_bytes = kEntryHeaderBytes + key.size() + value.size();
    if (!block_.empty() && block_.size() + entry_bytes > kBlockBytesMax) {
      if (auto status = flush(); !status) return status;
    }
    TULVING_DCHECK(block_.empty() || key > last_key());  // A reader refuses any other order.
    TULVING_DCHECK(entry_bytes <= std::numeric_limits<std::uint32_t>::max());
    last_entry_ = block_.size();
    put_little_endian(block_, static_cast<std::uint32_t>(key.size()));
    put_little_endian(block_, static_cast<std::uint32_t>(value.size()));
    block_.append(key).append(value);
    ++block_entries_;
    ++facts_.entries;
    return {};
  }

  Result<BlockFileFacts> finish() {
    if (auto status = flush(); !status) return status.error();
    if (const int cause = file_.fsync(); cause != 0) {
      return disk_error("fsync", path_.string(), cause);
    }
    // It covers every byte because each block's header has the block's own.
    TULVING_DCHECK((headers_.size() - kFileHeaderBytes) % kBlockHeaderBytes == 0);
    facts_.checksum = xxh3(std::string_view(headers_));
    return facts_;
  }

 private:
  Status flush() {
    if (block_.empty()) return {};
    TULVING_DCHECK(block_entries_ > 0);
    TULVING_DCHECK(block_.size() <= kBlockBytesMax || block_entries_ == 1);
    std::string header;
    put_little_endian(header, static_cast<std::uint32_t>(block_.size()));
    put_little_endian(header, block_entries_);
    put_little_endian(header, xxh3(std::string_view(block_)));
    headers_ += header;
    facts_.bytes += header.size() + block_.size();
    if (auto status = write(header); !status) return status;
    if (auto status = write(block_); !status) return status;
    block_.clear();
    block_entries_ = 0;
    return {};
  }

  // Of the block's last entry.
  [[nodiscard]] std::string_view last_key() const {
    std::string_view entry = std::string_view(block_).substr(last_entry_);
    const auto key_bytes = take_little_endian<std::uint32_t>(entry);
    return entry.substr(sizeof(std::uint32_t), key_bytes);
  }

  Status write(std::string_view bytes) const {
    const int cause = file_.write(bytes);
    return cause == 0 ? Status() : disk_error("write", path_.string(), cause);
  }

  const std::filesystem::path path_;
  const Descriptor file_;
  std::string headers_;
  std::string block_;
  std::uint32_t block_entries_ = 0;
  std::size_t last_entry_ = 0;  ///< Where it begins in the block.
  BlockFileFacts facts_;
};

BlockFileWriter::BlockFileWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlockFileWriter::BlockFileWriter(BlockFileWriter&&) noexcept = default;
BlockFileWriter& BlockFileWriter::operator=(BlockFileWriter&&) noexcept = default;
BlockFileWriter::~BlockFileWriter() = default;

Result<BlockFileWriter> BlockFileWriter::create(FileSystem& files,
                                                const std::filesystem::path& directory,
                                                Table table) {
  auto path = directory / block_file_name(table);
  auto file = Descriptor::open(files, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!file.is_open()) return disk_error("create", path.string(), file.cause());
  BlockFileWriter writer(std::make_unique<Impl>(std::move(path), std::move(file), table));
  if (auto status = writer.impl_->begin(); !status) return status.error();
  return writer;
}

Status BlockFileWriter::add(std::string_view key, std::string_view value) {
  return impl_->add(key, value);
}
Result<BlockFileFacts> BlockFileWriter::finish() { return impl_->finish(); }

}  // namespace tulving::storage
