// The checkpoint container. All integers are little-endian; offsets count from the file's start.
//
//   file     := header section* table footer
//   header   := "TULVCKPT" kind[4] version:u32 revision:u64 zero:u64[4] xxh3(header before
//   this):u64 section  := block* ; every block has 4 MiB but the last, which has the rest (never 0)
//   table    := entry* ; one entry a section, in order of the sections
//   entry    := bytes:u64 xxh3(block):u64*
//   footer   := table_offset:u64 table_bytes:u64 sections:u64 file_bytes:u64 xxh3(table):u64
//               xxh3(header):u64 xxh3(footer before this):u64 "TULVDONE"
//
// Header and footer have 64 bytes. Nothing lies between the parts, so that a checksum covers every
// byte and a section's place follows from the sizes before it. The footer repeats the header's
// checksum, so that the ends of two files do not make a third. A file without its footer was never
// finished.

#include "core/base/checkpoint_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/hash.h"

namespace tulving {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::array<char, 8> kHeaderMagic = {'T', 'U', 'L', 'V', 'C', 'K', 'P', 'T'};
constexpr std::array<char, 8> kFooterMagic = {'T', 'U', 'L', 'V', 'D', 'O', 'N', 'E'};

struct Header {
  std::array<char, 8> magic = kHeaderMagic;
  std::array<char, 4> kind{};
  std::uint32_t version = 0;
  std::uint64_t revision = 0;
  std::array<std::uint64_t, 4> zero{};
  std::uint64_t checksum = 0;
};
struct Footer {
  std::uint64_t table_offset = 0, table_bytes = 0, sections = 0, file_bytes = 0;
  std::uint64_t table_checksum = 0, header_checksum = 0;
  std::uint64_t checksum = 0;
  std::array<char, 8> magic = kFooterMagic;
};
static_assert(sizeof(Header) == 64 && sizeof(Footer) == 64);
static_assert(CheckpointElement<Header> && CheckpointElement<Footer>);

struct Section {
  std::uint64_t offset = 0, bytes = 0;
  std::vector<std::uint64_t> checksums;
};

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

std::uint64_t checksum_of(const Header& header) {
  return xxh3(bytes_of(header).first(offsetof(Header, checksum)));
}
std::uint64_t checksum_of(const Footer& footer) {
  return xxh3(bytes_of(footer).first(offsetof(Footer, checksum)));
}

constexpr std::uint64_t blocks_of(std::uint64_t bytes) {
  return bytes / kCheckpointBlockBytes + (bytes % kCheckpointBlockBytes != 0 ? 1 : 0);
}

Error io_error(std::string_view attempt, const std::filesystem::path& file, int error_number) {
  return {ErrorCode::kIo, std::string("cannot ")
                              .append(attempt)
                              .append(" ")
                              .append(file.string())
                              .append(": ")
                              .append(std::generic_category().message(error_number))};
}

/// A file descriptor that closes itself. Only a close() that is called tells of an error.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { (void)close(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

int open_retrying(const std::filesystem::path& file, int flags) {
  int fd = -1;
  do {
    fd = ::open(file.c_str(), flags | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

Status fsync_directory_of(const std::filesystem::path& file) {
  const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor handle(open_retrying(directory, O_RDONLY | O_DIRECTORY));
  if (handle.get() < 0) return io_error("open directory", directory, errno);
  if (::fsync(handle.get()) != 0) return io_error("fsync directory", directory, errno);
  return {};
}

/// 0 on success, else errno; ENODATA when the file ends too early.
int pread_all(int fd, std::span<std::byte> into, std::uint64_t offset) {
  while (!into.empty()) {
    const ssize_t got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return ENODATA;
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return 0;
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

class CheckpointReader::Impl {
 public:
  Impl(std::filesystem::path file, int fd) : file_(std::move(file)), fd_(fd) {}

  Status load(std::string_view kind, std::uint32_t version) {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) return io_error("stat", file_, errno);
    if (!S_ISREG(info.st_mode)) return corruption("not a regular file");
    const auto file_bytes = static_cast<std::uint64_t>(info.st_size);
    if (file_bytes < sizeof(Header) + sizeof(Footer)) return corruption("too short");
    if (auto status = load_header(kind, version); !status) return status;
    Footer footer;
    if (auto status = load_footer(file_bytes, footer); !status) return status;
    return load_table(footer);
  }

  Status read(std::size_t number, std::uint64_t first_byte, std::span<std::byte> into) const {
    if (number >= sections_.size()) return corruption("a section is missing");
    const Section& section = sections_[number];
    if (first_byte > section.bytes || into.size() > section.bytes - first_byte ||
        first_byte % kCheckpointBlockBytes != 0 ||
        (into.size() % kCheckpointBlockBytes != 0 && into.size() != section.bytes - first_byte)) {
      return corruption("a section has another size than its reader needs");
    }
    std::uint64_t block = first_byte / kCheckpointBlockBytes;
    std::uint64_t offset = section.offset + first_byte;
    while (!into.empty()) {
      const auto part = into.first(std::min(into.size(), kCheckpointBlockBytes));
      if (auto status = read_bytes(part, offset); !status) return status;
      if (xxh3(part) != section.checksums[block]) return corruption("a block's checksum differs");
      into = into.subspan(part.size());
      offset += part.size();
      ++block;
    }
    return {};
  }

  [[nodiscard]] Error corruption(std::string_view what) const {
    return {ErrorCode::kCorruption,
            std::string("checkpoint ").append(file_.string()).append(": ").append(what)};
  }

  [[nodiscard]] std::uint64_t revision() const { return header_.revision; }
  [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }

 private:
  Status read_bytes(std::span<std::byte> into, std::uint64_t offset) const {
    const int error_number = pread_all(fd_.get(), into, offset);
    if (error_number == ENODATA) return corruption("it ends too early");
    if (error_number != 0) return io_error("read", file_, error_number);
    return {};
  }

  Status load_header(std::string_view kind, std::uint32_t version) {
    if (auto status = read_bytes(std::as_writable_bytes(std::span(&header_, 1)), 0); !status) {
      return status;
    }
    if (header_.magic != kHeaderMagic) return corruption("no checkpoint");
    if (header_.checksum != checksum_of(header_)) return corruption("its header is damaged");
    if (kind != std::string_view(header_.kind.data(), header_.kind.size())) {
      return corruption("of another kind");
    }
    if (header_.version != version) {
      return corruption("its format is version " + std::to_string(header_.version) +
                        ", this program reads version " + std::to_string(version));
    }
    return {};
  }

  Status load_footer(std::uint64_t file_bytes, Footer& footer) const {
    const std::uint64_t offset = file_bytes - sizeof(Footer);
    if (auto status = read_bytes(std::as_writable_bytes(std::span(&footer, 1)), offset); !status) {
      return status;
    }
    if (footer.magic != kFooterMagic || footer.checksum != checksum_of(footer) ||
        footer.file_bytes != file_bytes || footer.header_checksum != header_.checksum) {
      return corruption("its end is damaged or missing");
    }
    if (footer.table_offset < sizeof(Header) || footer.table_offset > offset ||
        footer.table_bytes != offset - footer.table_offset ||
        footer.table_bytes % sizeof(std::uint64_t) != 0) {
      return corruption("its table lies outside");
    }
    return {};
  }

  Status load_table(const Footer& footer) {
    std::vector<std::uint64_t> table(footer.table_bytes / sizeof(std::uint64_t));
    const auto bytes = std::as_writable_bytes(std::span(table));
    if (auto status = read_bytes(bytes, footer.table_offset); !status) return status;
    if (xxh3(bytes) != footer.table_checksum) return corruption("its table is damaged");
    std::span<const std::uint64_t> rest(table);
    std::uint64_t offset = sizeof(Header);
    for (std::uint64_t i = 0; i < footer.sections; ++i) {
      auto section = take_section(rest, offset, footer.table_offset);
      if (!section) return corruption("its table is inconsistent");
      offset += section->bytes;
      sections_.push_back(*std::move(section));
    }
    if (!rest.empty() || offset != footer.table_offset) {
      return corruption("its table is inconsistent");
    }
    return {};
  }

  /// The next entry of the table; empty when it claims more than there is.
  static std::optional<Section> take_section(std::span<const std::uint64_t>& rest,
                                             std::uint64_t offset, std::uint64_t content_end) {
    if (rest.empty()) return std::nullopt;
    Section section{.offset = offset, .bytes = rest[0], .checksums = {}};
    rest = rest.subspan(1);
    const std::uint64_t blocks = blocks_of(section.bytes);
    if (section.bytes > content_end - offset || blocks > rest.size()) return std::nullopt;
    const auto checksums = rest.first(blocks);
    section.checksums.assign(checksums.begin(), checksums.end());
    rest = rest.subspan(blocks);
    return section;
  }

  const std::filesystem::path file_;
  const Descriptor fd_;
  Header header_;
  std::vector<Section> sections_;
};

Result<CheckpointReader> CheckpointReader::open(const std::filesystem::path& file,
                                                std::string_view kind, std::uint32_t version) {
  const int fd = open_retrying(file, O_RDONLY);
  if (fd < 0 && errno == ENOENT) {
    return Error{ErrorCode::kNotFound, "there is no checkpoint " + file.string()};
  }
  if (fd < 0) return io_error("open", file, errno);
  auto impl = std::make_unique<Impl>(file, fd);
  if (auto status = impl->load(kind, version); !status) return status.error();
  return CheckpointReader(std::move(impl));
}

CheckpointReader::CheckpointReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CheckpointReader::CheckpointReader(CheckpointReader&&) noexcept = default;
CheckpointReader& CheckpointReader::operator=(CheckpointReader&&) noexcept = default;
CheckpointReader::~CheckpointReader() = default;

std::uint64_t CheckpointReader::revision() const { return impl_->revision(); }
std::size_t CheckpointReader::sections() const { return impl_->sections().size(); }
std::uint64_t CheckpointReader::section_bytes(std::size_t section) const {
  return section < sections() ? impl_->sections()[section].bytes : 0;
}
Status CheckpointReader::read(std::size_t section, std::uint64_t first_byte,
                              std::span<std::byte> into) const {
  return impl_->read(section, first_byte, into);
}
Error CheckpointReader::corruption(std::string_view what) const { return impl_->corruption(what); }

}  // namespace tulving
