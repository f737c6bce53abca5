#include "core/base/hash.h"
#include "storage/snapshot/block_file.h"
#include "storage/snapshot/block_format.h"
#include "storage/snapshot/file.h"

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
  Impl(File file, Table table) : file_(std::move(file)), headers_(file_header(table)) {
    facts_.name = block_file_name(table);
    facts_.bytes = headers_.size();
  }

  Status begin() { return file_.write(headers_); }

  Status add(std::string_view key, std::string_view value) {
    const std::size_t entry_bytes = kEntryHeaderBytes + key.size() + value.size();
    if (!block_.empty() && block_.size() + entry_bytes > kBlockBytesMax) {
      if (auto status = flush(); !status) return status;
    }
    put_little_endian(block_, static_cast<std::uint32_t>(key.size()));
    put_little_endian(block_, static_cast<std::uint32_t>(value.size()));
    block_.append(key).append(value);
    ++block_entries_;
    ++facts_.entries;
    return {};
  }

  Result<BlockFileFacts> finish() {
    if (auto status = flush(); !status) return status.error();
    if (auto status = file_.fsync(); !status) return status.error();
    facts_.checksum = xxh3(std::string_view(headers_));
    return facts_;
  }

 private:
  Status flush() {
    if (block_.empty()) return {};
    std::string header;
    put_little_endian(header, static_cast<std::uint32_t>(block_.size()));
    put_little_endian(header, block_entries_);
    put_little_endian(header, xxh3(std::string_view(block_)));
    headers_ += header;
    facts_.bytes += header.size() + block_.size();
    if (auto status = file_.write(header); !status) return status;
    if (auto status = file_.write(block_); !status) return status;
    block_.clear();
    block_entries_ = 0;
    return {};
  }

  File file_;
  std::string headers_;
  std::string block_;
  std::uint32_t block_entries_ = 0;
  BlockFileFacts facts_;
};

BlockFileWriter::BlockFileWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlockFileWriter::BlockFileWriter(BlockFileWriter&&) noexcept = default;
BlockFileWriter& BlockFileWriter::operator=(BlockFileWriter&&) noexcept = default;
BlockFileWriter::~BlockFileWriter() = default;

Result<BlockFileWriter> BlockFileWriter::create(const std::filesystem::path& directory,
                                                Table table) {
  auto file = File::create(directory / block_file_name(table));
  if (!file) return file.error();
  BlockFileWriter writer(std::make_unique<Impl>(*std::move(file), table));
  if (auto status = writer.impl_->begin(); !status) return status.error();
  return writer;
}

Status BlockFileWriter::add(std::string_view key, std::string_view value) {
  return impl_->add(key, value);
}
Result<BlockFileFacts> BlockFileWriter::finish() { return impl_->finish(); }

}  // namespace tulving::storage
