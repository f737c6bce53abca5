#include <fmt/format.h>

#include <cerrno>
#include <optional>

#include "core/base/check.h"
#include "core/base/files/io_error.h"
#include "core/base/hash.h"
#include "storage/snapshot/block_file.h"
#include "storage/snapshot/block_format.h"

namespace tulving::storage {
namespace {

Error damaged(const std::filesystem::path& path, std::string_view problem) {
  return {ErrorCode::kCorruption, fmt::format("{} is damaged: {}", path.string(), problem)};
}

/// Takes the entries of one block apart; every length is checked before it is used.
Status read_entries(const std::filesystem::path& path, std::string_view block,
                    std::uint32_t entries, std::optional<std::string>& last_key,
                    const ScanVisitor& visit) {
  for (std::uint32_t i = 0; i < entries; ++i) {
    if (block.size() < kEntryHeaderBytes) return damaged(path, "a block ends within an entry");
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

/// Fills `bytes`.
Status read_at(const Descriptor& file, const std::filesystem::path& path, std::uint64_t offset,
               std::string& bytes) {
  std::size_t count = 0;
  const int cause = file.read(offset, std::as_writable_bytes(std::span(bytes)), count);
  if (cause != 0) return disk_error("read", path.string(), cause);
  if (count < bytes.size()) return damaged(path, "it was cut while it was read");
  return {};
}

// Of a block whose entries were read.
std::string first_key(std::string_view block) {
  TULVING_DCHECK(block.size() >= kEntryHeaderBytes);
  const auto key_bytes = take_little_endian<std::uint32_t>(block);
  return std::string(block.substr(kEntryHeaderBytes - sizeof key_bytes, key_bytes));
}

}  // namespace

Status read_block_file(FileSystem& files, const std::filesystem::path& directory, Table table,
                       const BlockFileFacts& facts, const ScanVisitor& visit,
                       std::vector<VerifiedBlock>* blocks) {
  const auto path = directory / block_file_name(table);
  const auto file = Descriptor::open(files, path, O_RDONLY | O_NONBLOCK);
  if (file.cause() == ENOENT) return damaged(path, "it is missing");
  if (!file.is_open()) return disk_error("open", path.string(), file.cause());
  struct stat info {};
  if (const int cause = file.stat(info); cause != 0) {
    return disk_error("read", path.string(), cause);
  }
  if (!S_ISREG(info.st_mode)) return damaged(path, "it is no file");
  if (static_cast<std::uint64_t>(info.st_size) != facts.bytes) {
    return damaged(path, "its size is not the manifest's");
  }
  std::uint64_t left = facts.bytes;
  const auto read = [&](std::string& bytes) -> Status {
    return read_at(file, path, facts.bytes - left, bytes);
  };
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
    if (length > (entries == 1 ? kEntryBytesMax : kBlockBytesMax)) {
      return damaged(path, "a block is longer than it may be");
    }
    block.resize(length);
    if (auto status = read(block); !status) return status;
    left -= length;
    if (xxh3(std::string_view(block)) != checksum) {
      return damaged(path, fmt::format("the checksum of the block before byte {} differs",
                                       facts.bytes - left));
    }
    if (auto status = read_entries(path, block, entries, last_key, visit); !status) return status;
    entries_seen += entries;
    if (blocks != nullptr && entries > 0) {
      // Blocks are in the order of their keys, so a choice may go by the ends of each.
      TULVING_DCHECK(blocks->empty() || blocks->back().last_key < first_key(block));
      blocks->push_back(
          {facts.bytes - left - length, length, entries, first_key(block), *last_key});
    }
  }
  if (xxh3(std::string_view(headers)) != facts.checksum || entries_seen != facts.entries) {
    return damaged(path, "it is not the file that the manifest tells of");
  }
  return {};
}

Status read_blocks(FileSystem& files, const std::filesystem::path& directory, Table table,
                   const std::vector<VerifiedBlock>& blocks, const BlockChoice& is_wanted,
                   const ScanVisitor& visit) {
  const auto path = directory / block_file_name(table);
  const auto file = Descriptor::open(files, path, O_RDONLY | O_NONBLOCK);
  if (!file.is_open()) return disk_error("open", path.string(), file.cause());
  std::string bytes;
  for (const VerifiedBlock& block : blocks) {
    TULVING_DCHECK(block.entries > 0 && block.first_key <= block.last_key);
    if (!is_wanted(block.first_key, block.last_key)) continue;
    bytes.resize(block.length);
    if (auto status = read_at(file, path, block.offset, bytes); !status) return status;
    std::optional<std::string> last_key;
    auto status = read_entries(path, bytes, block.entries, last_key, visit);
    if (!status) return status;
  }
  return {};
}

}  // namespace tulving::storage
