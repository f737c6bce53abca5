#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/checkpoint/checkpoint_layout.h"
#include "core/base/hash.h"

namespace tulving {
namespace {

using checkpoint::bytes_of, checkpoint::checksum_of, checkpoint::Descriptor, checkpoint::Footer;
using checkpoint::Header, checkpoint::io_error, checkpoint::open_retrying, checkpoint::Section;

Status fsync_directory_of(const std::filesystem::path& file) {
  const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor handle(open_retrying(directory, O_RDONLY | O_DIRECTORY));
  if (handle.get() < 0) return io_error("open directory", directory, errno);
  if (::fsync(handle.get()) != 0) return io_error("fsync directory", directory, errno);
  return {};
}

}  // namespace

class CheckpointWriter::Impl {
 public:
  Impl(std::filesystem::path file, std::filesystem::path temporary, int fd)
      : file_(std::move(file)), temporary_(std::move(temporary)), fd_(fd) {}
  ~Impl() {
    if (!finished_) ::unlink(temporary_.c_str());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status begin(const CheckpointStamp& stamp) {
    Header header;
    std::copy(stamp.kind.begin(), stamp.kind.end(), header.kind.begin());
    header.version = stamp.version;
    header.revision = stamp.revision;
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
    return publish();
  }

 private:
  Status publish() {
    if (::fsync(fd_.get()) != 0) return io_error("fsync", temporary_, errno);
    if (!fd_.close()) return io_error("close", temporary_, errno);
    if (::rename(temporary_.c_str(), file_.c_str()) != 0) {
      return io_error("rename to its place", temporary_, errno);
    }
    finished_ = true;
    return fsync_directory_of(file_);
  }

  Status write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return io_error("write", temporary_, errno);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
      offset_ += static_cast<std::uint64_t>(put);
    }
    return {};
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

  const std::filesystem::path file_, temporary_;
  Descriptor fd_;
  std::uint64_t offset_ = 0;  // of the next byte written
  std::uint64_t header_checksum_ = 0;
  std::vector<std::byte> pending_;  // less than a block of the current section
  Section current_;
  std::vector<Section> sections_;
  bool finished_ = false;
};

Result<CheckpointWriter> CheckpointWriter::open(const std::filesystem::path& file,
                                                const CheckpointStamp& stamp) {
  if (stamp.kind.size() != 4) {
    return Error{ErrorCode::kInvalidArgument, "a checkpoint's kind has four characters"};
  }
  std::filesystem::path temporary = file;
  temporary += ".tmp";
  const int fd = open_retrying(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return io_error("create", temporary, errno);
  auto impl = std::make_unique<Impl>(file, std::move(temporary), fd);
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
