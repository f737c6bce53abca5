#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/checkpoint/checkpoint_layout.h"
#include "core/base/fault_points.h"
#include "core/base/files/io_error.h"
#include "core/base/hash.h"

namespace tulving {
namespace {

using checkpoint::blocks_of, checkpoint::kFooterMagic, checkpoint::kHeaderMagic;
using checkpoint::checksum_of, checkpoint::Footer, checkpoint::Header, checkpoint::Section;

}  // namespace

class CheckpointReader::Impl {
 public:
  Impl(std::filesystem::path path, Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}

  Status load(std::string_view kind, std::uint32_t version) {
    struct stat info {};
    if (const int cause = file_.stat(info); cause != 0) {
      return io_error("stat", path_.string(), cause);
    }
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
      const bool is_sound =
          TULVING_SABOTAGE(kChecksumNotRead) || xxh3(part) == section.checksums[block];
      if (!is_sound) return corruption("a block's checksum differs");
      into = into.subspan(part.size());
      offset += part.size();
      ++block;
    }
    return {};
  }

  Status read_unverified(std::size_t number, std::uint64_t first_byte,
                         std::span<std::byte> into) const {
    if (number >= sections_.size() || first_byte > sections_[number].bytes ||
        into.size() > sections_[number].bytes - first_byte) {
      return corruption("a section has another size than its reader needs");
    }
    return read_bytes(into, sections_[number].offset + first_byte);
  }

  [[nodiscard]] Error corruption(std::string_view what) const {
    return {ErrorCode::kCorruption,
            std::string("checkpoint ").append(path_.string()).append(": ").append(what)};
  }

  [[nodiscard]] CheckpointOrigin origin() const {
    return {header_.revision, header_.incarnation, header_.store_id, header_.tenant, header_.part};
  }
  [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }

 private:
  Status read_bytes(std::span<std::byte> into, std::uint64_t offset) const {
    std::size_t count = 0;
    if (const int cause = file_.read(offset, into, count); cause != 0) {
      return io_error("read", path_.string(), cause);
    }
    if (count < into.size()) return corruption("it ends too early");
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

  const std::filesystem::path path_;
  const Descriptor file_;
  Header header_;
  std::vector<Section> sections_;
};

Result<CheckpointReader> CheckpointReader::open(const std::filesystem::path& file,
                                                std::string_view kind, std::uint32_t version,
                                                FileSystem& files) {
  // Non-blocking, or a pipe of that name would hang us.
  auto opened = Descriptor::open(files, file, O_RDONLY | O_NONBLOCK);
  if (opened.cause() == ENOENT) {
    return Error{ErrorCode::kNotFound, "there is no checkpoint " + file.string()};
  }
  if (!opened.is_open()) return io_error("open", file.string(), opened.cause());
  auto impl = std::make_unique<Impl>(file, std::move(opened));
  if (auto status = impl->load(kind, version); !status) return status.error();
  return CheckpointReader(std::move(impl));
}

CheckpointReader::CheckpointReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CheckpointReader::CheckpointReader(CheckpointReader&&) noexcept = default;
CheckpointReader& CheckpointReader::operator=(CheckpointReader&&) noexcept = default;
CheckpointReader::~CheckpointReader() = default;

CheckpointOrigin CheckpointReader::origin() const { return impl_->origin(); }
std::size_t CheckpointReader::sections() const { return impl_->sections().size(); }
std::uint64_t CheckpointReader::section_bytes(std::size_t section) const {
  return section < sections() ? impl_->sections()[section].bytes : 0;
}
Status CheckpointReader::read(std::size_t section, std::uint64_t first_byte,
                              std::span<std::byte> into) const {
  return impl_->read(section, first_byte, into);
}
Status CheckpointReader::read_unverified(std::size_t section, std::uint64_t first_byte,
                                         std::span<std::byte> into) const {
  return impl_->read_unverified(section, first_byte, into);
}
Error CheckpointReader::corruption(std::string_view what) const { return impl_->corruption(what); }

}  // namespace tulving
