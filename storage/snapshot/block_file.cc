#include "storage/snapshot/block_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/base/hash.h"

namespace tulving::storage {
namespace {

constexpr std::string_view kMagic = "TULVSNAP";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFileHeaderBytes = 16;       // magic:8 version:4 table:4
constexpr std::size_t kBlockHeaderBytes = 16;      // length:4 entries:4 checksum:8
constexpr std::size_t kBlockBytesMax = 1U << 20U;  // A longer entry has a block of its own.

template <class Integer>
void put_little_endian(std::string& bytes, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
  }
}

template <class Integer>
Integer take_little_endian(std::string_view& bytes) {
  Integer value = 0;
  for (std::size_t i = sizeof value; i-- > 0;) {
    value = static_cast<Integer>((value << 8U) | static_cast<unsigned char>(bytes[i]));
  }
  bytes.remove_prefix(sizeof value);
  return value;
}

std::string file_header(Table table) {
  std::string header(kMagic);
  put_little_endian(header, kVersion);
  put_little_endian(header, std::uint32_t{static_cast<std::uint8_t>(table)});
  return header;
}

/// A file descriptor, closed when it goes.
class File {
 public:
  static Result<File> open(const std::filesystem::path& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor < 0) return failure(path, "opened");
    return File(path, descriptor);
  }
  File(File&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  Status write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failure(path_, "written");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  /// Fills `bytes`, or less of it at the file's end.
  Result<std::size_t> read(std::string& bytes) {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const auto count = ::read(descriptor_, bytes.data() + filled, bytes.size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure(path_, "read");
      if (count == 0) break;
      filled += static_cast<std::size_t>(count);
    }
    return filled;
  }

  Status sync() {
    if (::fsync(descriptor_) != 0) return failure(path_, "synced");
    return {};
  }

 private:
  File(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  static Error failure(const std::filesystem::path& path, std::string_view what) {
    const int code = errno;
    return {code == ENOSPC || code == EDQUOT ? ErrorCode::kResourceExhausted : ErrorCode::kIo,
            fmt::format("{} cannot be {}: {}", path.string(), what,
                        std::generic_category().message(code))};
  }

  std::filesystem::path path_;
  int descriptor_ = -1;
};

Error damaged(const std::filesystem::path& path, std::string_view problem) {
  return {ErrorCode::kCorruption, fmt::format("{} is damaged: {}", path.string(), problem)};
}

}  // namespace

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

Status write_durably(const std::filesystem::path& path, std::string_view bytes) {
  auto file = File::open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  if (auto status = file->write(bytes); !status) return status;
  return file->sync();
}

Status sync_directory(const std::filesystem::path& directory) {
  auto file = File::open(directory, O_RDONLY | O_DIRECTORY);
  if (!file) return file.error();
  return file->sync();
}

class BlockFileWriter::Impl {
 public:
  Impl(File file, Table table) : file_(std::move(file)), headers_(file_header(table)) {
    facts_.name = block_file_name(table);
    facts_.bytes = headers_.size();
  }

  Status begin() { return file_.write(headers_); }

  Status add(std::string_view key, std::string_view value) {
    const std::size_t entry_bytes = 2 * sizeof(std::uint32_t) + key.size() + value.size();
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
    if (auto status = file_.sync(); !status) return status.error();
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
  auto file = File::open(directory / block_file_name(table), O_WRONLY | O_CREAT | O_EXCL);
  if (!file) return file.error();
  BlockFileWriter writer(std::make_unique<Impl>(*std::move(file), table));
  if (auto status = writer.impl_->begin(); !status) return status.error();
  return writer;
}

Status BlockFileWriter::add(std::string_view key, std::string_view value) {
  return impl_->add(key, value);
}
Result<BlockFileFacts> BlockFileWriter::finish() { return impl_->finish(); }

namespace {

/// Takes the entries of one block apart; every length is checked before it is used.
Status read_entries(const std::filesystem::path& path, std::string_view block,
                    std::uint32_t entries, std::optional<std::string>& last_key,
                    const ScanVisitor& visit) {
  constexpr std::size_t lengths_bytes = 2 * sizeof(std::uint32_t);
  for (std::uint32_t i = 0; i < entries; ++i) {
    if (block.size() < lengths_bytes) return damaged(path, "a block ends within an entry");
    const std::uint64_t key_bytes = take_little_endian<std::uint32_t>(block);
    const std::uint64_t value_bytes = take_little_endian<std::uint32_t>(block);
    if (key_bytes + value_bytes > block.size()) {
      return damaged(path, "a block ends within an entry");
    }
    const auto key = block.substr(0, key_bytes);
    const auto value = block.substr(key_bytes, value_bytes);
    block.remove_prefix(key_bytes + value_bytes);
    if (last_key && key <= *last_key) return damaged(path, "its keys are not in order");
    last_key.emplace(key);
    if (auto status = visit(key, value); !status) return status;
  }
  if (!block.empty()) return damaged(path, "a block is longer than its entries");
  return {};
}

}  // namespace

Status read_block_file(const std::filesystem::path& directory, Table table,
                       const BlockFileFacts& facts, const ScanVisitor& visit) {
  const auto path = directory / block_file_name(table);
  std::error_code failure;
  if (std::filesystem::file_size(path, failure) != facts.bytes || failure) {
    return damaged(path, failure ? "it is missing" : "its size is not the manifest's");
  }
  auto file = File::open(path, O_RDONLY);
  if (!file) return file.error();
  const auto read = [&](std::string& bytes) -> Status {
    auto count = file->read(bytes);
    if (!count) return count.error();
    if (*count < bytes.size()) return damaged(path, "it was cut while it was read");
    return {};
  };
  std::uint64_t left = facts.bytes;
  std::string headers(kFileHeaderBytes, '\0');
  if (left < headers.size()) return damaged(path, "it has no header");
  if (auto status = read(headers); !status) return status;
  if (headers != file_header(table)) return damaged(path, "its header is not a snapshot's");
  left -= headers.size();

  std::uint64_t entries_seen = 0;
  std::string header(kBlockHeaderBytes, '\0');
  std::string block;
  std::optional<std::string> last_key;
  while (left > 0) {
    if (left < header.size()) return damaged(path, "it ends within a block");
    if (auto status = read(header); !status) return status;
    headers += header;
    left -= header.size();
    std::string_view fields(header);
    const auto length = take_little_endian<std::uint32_t>(fields);
    const auto entries = take_little_endian<std::uint32_t>(fields);
    const auto checksum = take_little_endian<std::uint64_t>(fields);
    if (length > left) return damaged(path, "it ends within a block");
    block.resize(length);
    if (auto status = read(block); !status) return status;
    left -= length;
    if (xxh3(std::string_view(block)) != checksum) {
      return damaged(path, fmt::format("the checksum of the block before byte {} differs",
                                       facts.bytes - left));
    }
    if (auto status = read_entries(path, block, entries, last_key, visit); !status) return status;
    entries_seen += entries;
  }
  if (xxh3(std::string_view(headers)) != facts.checksum || entries_seen != facts.entries) {
    return damaged(path, "it is not the file that the manifest tells of");
  }
  return {};
}

}  // namespace tulving::storage
