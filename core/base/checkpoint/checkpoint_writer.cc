#include <algorithm>
#include <array>
#include <utility>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/checkpoint/checkpoint_layout.h"
#include "core/base/files/temporary_file.h"
#include "core/base/hash.h"

namespace tulving {
namespace {

using checkpoint::bytes_of, checkpoint::checksum_of, checkpoint::Footer, checkpoint::Header;
using checkpoint::Section;

}  // namespace

class CheckpointWriter::Impl {
 public:
  Impl(std::string name, Descriptor directory)
      : name_(std::move(name)), directory_(std::move(directory)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status create(const std::filesystem::path& file) {
    auto created = TemporaryFile::create(directory_, name_ + ".tmp", O_TRUNC, 0600, file.string());
    if (!created) return created.error();
    file_ = *std::move(created);
    return {};
  }

  Status begin(const CheckpointStamp& stamp) {
    Header header;
    std::copy(stamp.kind.begin(), stamp.kind.end(), header.kind.begin());
    header.version = stamp.version;
    header.store_id = stamp.origin.store_id;
    header.incarnation = stamp.origin.incarnation;
    header.revision = stamp.origin.revision;
    header.tenant = stamp.origin.tenant;
    header.part = stamp.origin.part;
    header.checksum = checksum_of(header);
    header_checksum_ = header.checksum;
    return write(bytes_of(header));
  }

  Status append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      if (pending_.empty() && bytes.size() >= kCheckpointBlockBytes) {
        if (auto status = write_block(bytes.first(kCheckpointBlockBytes)); !status) return status;
        bytes = bytes.subspan(kCheckpointBlockBytes);
        continue;
      }
      const std::size_t part = std::min(bytes.size(), kCheckpointBlockBytes - pending_.size());
      const auto head = bytes.first(part);
      pending_.insert(pending_.end(), head.begin(), head.end());
      bytes = bytes.subspan(part);
      if (pending_.size() == kCheckpointBlockBytes) {
        if (auto status = write_pending(); !status) return status;
      }
    }
    return {};
  }

  Status end_section() {
    if (!pending_.empty()) {
      if (auto status = write_pending(); !status) return status;
    }
    sections_.push_back(std::exchange(current_, {}));
    return {};
  }

  Status finish() {
    std::vector<std::uint64_t> table;
    for (const Section& section : sections_) {
      table.push_back(section.bytes);
      table.insert(table.end(), section.checksums.begin(), section.checksums.end());
    }
    const auto table_bytes = std::as_bytes(std::span(table));
    Footer footer;
    footer.table_offset = offset_;
    footer.table_bytes = table_bytes.size();
    footer.sections = sections_.size();
    footer.table_checksum = xxh3(table_bytes);
    footer.header_checksum = header_checksum_;
    if (auto status = write(table_bytes); !status) return status;
    footer.file_bytes = offset_ + sizeof(Footer);
    footer.checksum = checksum_of(footer);
    if (auto status = write(bytes_of(footer)); !status) return status;
    return file_->commit(name_);
  }

 private:
  Status write(std::span<const std::byte> bytes) {
    offset_ += bytes.size();
    return file_->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  Status write_block(std::span<const std::byte> block) {
    current_.bytes += block.size();
    current_.checksums.push_back(xxh3(block));
    return write(block);
  }

  Status write_pending() {
    auto status = write_block(pending_);
    pending_.clear();
    return status;
  }

  const std::string name_;
  const Descriptor directory_;
  std::unique_ptr<TemporaryFile> file_;
  std::uint64_t offset_ = 0;  // of the next byte written
  std::uint64_t header_checksum_ = 0;
  std::vector<std::byte> pending_;  // less than a block of the current section
  Section current_;
  std::vector<Section> sections_;
};

Result<CheckpointWriter> CheckpointWriter::open(const std::filesystem::path& file,
                                                const CheckpointStamp& stamp, FileSystem& files) {
  if (stamp.kind.size() != 4) {
    return Error{ErrorCode::kInvalidArgument, "a checkpoint's kind has four characters"};
  }
  auto directory = Descriptor::open(files, file.parent_path(), O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) {
    return io_error("open the folder of", file.string(), directory.cause());
  }
  auto impl = std::make_unique<Impl>(file.filename().string(), std::move(directory));
  if (auto status = impl->create(file); !status) return status.error();
  if (auto status = impl->begin(stamp); !status) return status.error();
  return CheckpointWriter(std::move(impl));
}

CheckpointWriter::CheckpointWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CheckpointWriter::CheckpointWriter(CheckpointWriter&&) noexcept = default;
CheckpointWriter& CheckpointWriter::operator=(CheckpointWriter&&) noexcept = default;
CheckpointWriter::~CheckpointWriter() = default;
Status CheckpointWriter::append(std::span<const std::byte> bytes) { return impl_->append(bytes); }
Status CheckpointWriter::end_section() { return impl_->end_section(); }
Status CheckpointWriter::finish() { return impl_->finish(); }

}  // namespace tulving
