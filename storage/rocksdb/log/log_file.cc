#include "storage/rocksdb/log/log_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>

#include "core/base/check.h"
#include "storage/rocksdb/checksum.h"

namespace tulving::storage {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;
enum FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::size_t length_at(std::string_view block, std::size_t at) {
  TULVING_DCHECK(at + kHeaderBytes <= block.size());
  return byte_at(block, at + 4) | byte_at(block, at + 5) << 8U;
}

/// The checksum at `at` fits the type and `length` bytes that follow.
bool is_sound(std::string_view block, std::size_t at, std::size_t length) {
  TULVING_DCHECK(at + kHeaderBytes + length <= block.size());
  const std::uint32_t masked = byte_at(block, at) | byte_at(block, at + 1) << 8U |
                               byte_at(block, at + 2) << 16U | byte_at(block, at + 3) << 24U;
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return crc32c(0, block.substr(at + 6, 1 + length)) == (rotated >> 17U | rotated << 15U);
}

struct Fragment {
  FragmentType type = kZero;
  std::string_view bytes;
};

/// The fragment at `at`, of a type that we write. No fragment leaves its block.
std::optional<Fragment> fragment_at(std::string_view block, std::size_t at) {
  if (block.size() - at < kHeaderBytes) return std::nullopt;
  const std::size_t length = length_at(block, at);
  const auto type = byte_at(block, at + 6);
  if (type == kZero || type > kLast || at + kHeaderBytes + length > block.size() ||
      !is_sound(block, at, length)) {
    return std::nullopt;
  }
  return Fragment{static_cast<FragmentType>(type), block.substr(at + kHeaderBytes, length)};
}

LogGap::Kind gap_kind_at(std::string_view block, std::size_t at) {
  const std::size_t left = block.size() - at;
  if (left < kHeaderBytes) return LogGap::Kind::kCut;
  const std::size_t fragment_bytes = kHeaderBytes + length_at(block, at);
  // One that we do not write, which RocksDB may take for a compressed or a recycled log's.
  if (fragment_bytes <= left && byte_at(block, at + 6) > kLast &&
      is_sound(block, at, fragment_bytes - kHeaderBytes)) {
    return LogGap::Kind::kAltered;
  }
  // Only the length differs from one that reaches to the end.
  if (is_sound(block, at, left - kHeaderBytes)) return LogGap::Kind::kAltered;
  return fragment_bytes <= kBlockBytes - at && fragment_bytes > left ? LogGap::Kind::kCut
                                                                     : LogGap::Kind::kUnreadable;
}

class LogReader {
 public:
  LogReader(const Descriptor& file, LogVisitor& visitor) : file_(file), visitor_(visitor) {}

  int run() {
    struct stat info {};
    if (const int cause = file_.stat(info); cause != 0) return cause;
    const auto file_bytes = static_cast<std::uint64_t>(info.st_size);
    constexpr std::size_t piece_blocks = 32;
    std::string piece(std::min<std::uint64_t>(file_bytes, piece_blocks * kBlockBytes), '\0');
    std::uint64_t offset = 0;
    while (offset < file_bytes && !is_done_) {
      std::size_t count = 0;
      const auto into = std::as_writable_bytes(std::span(piece.data(), piece.size()));
      if (const int cause = file_.read(offset, into, count); cause != 0) return cause;
      for (std::size_t at = 0; at < count && !is_done_; at += kBlockBytes) {
        read_block(std::string_view(piece).substr(at, std::min(kBlockBytes, count - at)),
                   offset + at);
      }
      if (count < piece.size()) break;  // The end, or a writer has cut the file meanwhile.
      offset += count;
      if (is_searching_) offset = next_data(offset);
    }
    if (open_record_ && !is_done_) report(*open_record_, LogGap::Kind::kCut);
    return 0;
  }

 private:
  /// `base`: where the block is in the file. Only a file's last block is shorter than others.
  void read_block(std::string_view block, std::uint64_t base) {
    checked_bytes_ = 0;
    std::size_t at = 0;
    while (at < block.size() && !is_done_) {
      const std::size_t before = at;
      if (kBlockBytes - at < kHeaderBytes) return;  // The block's padding.
      if (const auto fragment = fragment_at(block, at)) {
        is_searching_ = false;
        take(*fragment, base + at);
        at += kHeaderBytes + fragment->bytes.size();
      } else {
        if (!is_searching_) {
          report(open_record_.value_or(base + at), gap_kind_at(block, at));
        }
        is_searching_ = true;
        at = next_start(block, at + 1);
      }
      TULVING_DCHECK(at > before);  // Or a damaged file would hold us for ever.
    }
  }

  /// The next place in the block from `from` on where a record may begin; its end if none does.
  std::size_t next_start(std::string_view block, std::size_t from) {
    return visitor_.has_notes() ? next_note(block, from) : next_fragment(block, from);
  }

  /// Found by the note that it begins with, so that what is none costs next to nothing.
  std::size_t next_note(std::string_view block, std::size_t from) {
    constexpr std::size_t before_note = kHeaderBytes + kBatchHeaderBytes;
    for (auto note = block.find(kNoteStart, from + before_note); note != block.npos;
         note = block.find(kNoteStart, note + 1)) {
      const std::size_t at = note - before_note;
      const auto type = byte_at(block, at + 6);
      if (type != kFull && type != kFirst) continue;
      constexpr std::size_t sums_max = 16 * kBlockBytes;
      if (!may_check(block, at, sums_max)) return block.size();
      if (fragment_at(block, at)) return at;
    }
    // One that begins within the block's last bytes has its note in the next block.
    const std::size_t with_note = before_note + kNoteStart.size();
    const std::size_t last = block.size() > with_note ? block.size() - with_note : 0;
    for (std::size_t at = std::max(from, last + 1); at + kHeaderBytes <= block.size(); ++at) {
      if (byte_at(block, at + 6) == kFirst && fragment_at(block, at)) return at;
    }
    return block.size();
  }

  std::size_t next_fragment(std::string_view block, std::size_t from) {
    for (std::size_t at = from; at + kHeaderBytes <= block.size(); ++at) {
      const auto type = byte_at(block, at + 6);
      if (type == kZero || type > kLast) continue;
      constexpr std::size_t sums_max = 1024 * kBlockBytes;
      if (!may_check(block, at, sums_max)) return block.size();
      if (fragment_at(block, at)) return at;
    }
    return block.size();
  }

  /// Sums are taken of what looks like a fragment, of so many bytes in each block and no more: a
  /// file made to hold us up is damaged, not searched.
  bool may_check(std::string_view block, std::size_t at, std::size_t sums_max) {
    const std::size_t length = length_at(block, at);
    if (at + kHeaderBytes + length > block.size()) return true;  // It is none, at no cost.
    checked_bytes_ += length;
    if (checked_bytes_ <= sums_max) return true;
    report(open_record_.value_or(gap_), LogGap::Kind::kAltered);
    return false;
  }

  void take(const Fragment& fragment, std::uint64_t offset) {
    const bool starts = fragment.type == kFull || fragment.type == kFirst;
    if (starts && open_record_) report(*open_record_, LogGap::Kind::kUnreadable);
    if (!starts && !open_record_) {
      // The rest of a record that is reported already, or a record without its beginning.
      if (!has_gap_) report(offset, LogGap::Kind::kAltered);
      return;
    }
    if (is_done_) return;
    if (starts) {
      has_gap_ = false;
      open_record_ = offset;
      visitor_.begin_record(offset);
    }
    visitor_.add(fragment.bytes);
    if (fragment.type == kFull || fragment.type == kLast) {
      open_record_.reset();
      visitor_.end_record();
    }
  }

  void report(std::uint64_t offset, LogGap::Kind kind) {
    open_record_.reset();
    has_gap_ = true;
    gap_ = offset;
    if (!visitor_.gap({offset, kind})) is_done_ = true;
  }

  /// The block at or after `offset`, where one begins, in which something was written. Of a file
  /// system that has no holes: `offset`.
  [[nodiscard]] std::uint64_t next_data(std::uint64_t offset) const {
    const auto data = ::lseek(file_.get(), static_cast<off_t>(offset), SEEK_DATA);
    if (data < 0) return errno == ENXIO ? ~std::uint64_t{0} : offset;
    return std::max(offset, static_cast<std::uint64_t>(data) / kBlockBytes * kBlockBytes);
  }

  const Descriptor& file_;
  LogVisitor& visitor_;
  std::optional<std::uint64_t> open_record_;  ///< Where one begins whose last fragment is to come.
  bool is_searching_ = false;  ///< What was last read is no record: the next is looked for.
  bool has_gap_ = false;       ///< Since the last record that began.
  std::uint64_t gap_ = 0;      ///< Where the last gap is.
  bool is_done_ = false;
  std::size_t checked_bytes_ = 0;  ///< In this block, by may_check().
};

}  // namespace

int read_log(const Descriptor& file, LogVisitor& visitor) { return LogReader(file, visitor).run(); }

}  // namespace tulving::storage
