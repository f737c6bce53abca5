#include "storage/rocksdb/log/log_file.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "core/base/check.h"

namespace tulving::storage {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;
enum FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

/// CRC-32C by RocksDB's own routine, which uses the processor's instruction.
std::uint32_t crc32c(std::string_view bytes) {
  static const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  const std::string checksum = generator->GetChecksum();
  TULVING_CHECK(checksum.size() == 4);
  return byte_at(checksum, 0) << 24U | byte_at(checksum, 1) << 16U | byte_at(checksum, 2) << 8U |
         byte_at(checksum, 3);
}

struct Fragment {
  FragmentType type = kZero;
  std::string_view bytes;
};

class LogReader {
 public:
  LogReader(std::string_view file, const LogVisitor& visitor) : file_(file), visitor_(visitor) {
    TULVING_DCHECK(visitor.on_record && visitor.on_gap);
  }

  void run() {
    while (at_ < file_.size()) {
      const std::size_t before = at_;
      const std::size_t left_in_block = kBlockBytes - at_ % kBlockBytes;
      if (left_in_block < kHeaderBytes) {  // The block's padding.
        at_ = std::min(at_ + left_in_block, file_.size());
      } else if (const auto fragment = fragment_at(at_)) {
        take(*fragment);
        at_ += kHeaderBytes + fragment->bytes.size();
      } else {
        const auto kind = gap_kind_at(at_);
        report(open_record_.value_or(at_), kind);
        if (kind == LogGap::Kind::kCut) return;
        at_ = next_fragment(at_ + 1);
      }
      TULVING_DCHECK(at_ > before);  // Or a damaged file would hold us for ever.
    }
    if (open_record_) report(*open_record_, LogGap::Kind::kCut);
  }

 private:
  [[nodiscard]] std::size_t length_at(std::size_t at) const {
    TULVING_DCHECK(at + kHeaderBytes <= file_.size());
    return byte_at(file_, at + 4) | byte_at(file_, at + 5) << 8U;
  }

  /// The checksum at `at` fits the type and `length` bytes that follow.
  [[nodiscard]] bool is_sound(std::size_t at, std::size_t length) const {
    TULVING_DCHECK(at + kHeaderBytes + length <= file_.size());
    const std::uint32_t masked = byte_at(file_, at) | byte_at(file_, at + 1) << 8U |
                                 byte_at(file_, at + 2) << 16U | byte_at(file_, at + 3) << 24U;
    const std::uint32_t rotated = masked - 0xa282ead8U;
    return crc32c(file_.substr(at + 6, 1 + length)) == (rotated >> 17U | rotated << 15U);
  }

  [[nodiscard]] std::optional<Fragment> fragment_at(std::size_t at) const {
    if (file_.size() - at < kHeaderBytes) return std::nullopt;
    const std::size_t length = length_at(at);
    const auto type = byte_at(file_, at + 6);
    const std::size_t end = at + kHeaderBytes + length;
    if (type == kZero || end > file_.size() ||
        at % kBlockBytes + kHeaderBytes + length > kBlockBytes || !is_sound(at, length)) {
      return std::nullopt;
    }
    return Fragment{static_cast<FragmentType>(type), file_.substr(at + kHeaderBytes, length)};
  }

  [[nodiscard]] LogGap::Kind gap_kind_at(std::size_t at) const {
    const std::size_t left_in_file = file_.size() - at;
    if (left_in_file < kHeaderBytes) return LogGap::Kind::kCut;
    const std::size_t left_in_block = kBlockBytes - at % kBlockBytes;
    if (is_sound(at, std::min(left_in_file, left_in_block) - kHeaderBytes)) {
      return LogGap::Kind::kAltered;
    }
    const std::size_t fragment_bytes = kHeaderBytes + length_at(at);
    return fragment_bytes <= left_in_block && fragment_bytes > left_in_file
               ? LogGap::Kind::kCut
               : LogGap::Kind::kUnreadable;
  }

  /// The next place from `at` on where a fragment stands, byte by byte, or the file's end.
  [[nodiscard]] std::size_t next_fragment(std::size_t at) const {
    while (at < file_.size() && !fragment_at(at)) ++at;
    return std::min(at, file_.size());
  }

  void take(const Fragment& fragment) {
    if (fragment.type > kLast) return;  // A note of RocksDB's to itself.
    const bool starts = fragment.type == kFull || fragment.type == kFirst;
    if (starts && open_record_) report(*open_record_, LogGap::Kind::kUnreadable);
    if (!starts && !open_record_) return;  // The rest of a record that is reported already.
    if (fragment.type == kFull) return visitor_.on_record(at_, fragment.bytes);
    if (fragment.type == kFirst) {
      open_record_ = at_;
      record_.clear();
    }
    TULVING_DCHECK(open_record_.has_value());  // A middle or a last one stands within a record.
    record_ += fragment.bytes;
    if (fragment.type == kLast) {
      const std::size_t offset = *open_record_;
      open_record_.reset();
      visitor_.on_record(offset, record_);
    }
  }

  void report(std::size_t offset, LogGap::Kind kind) {
    open_record_.reset();
    visitor_.on_gap({offset, kind});
  }

  std::string_view file_;
  const LogVisitor& visitor_;
  std::size_t at_ = 0;
  std::optional<std::size_t> open_record_;  ///< Offset of a record whose last fragment is to come.
  std::string record_;
};

}  // namespace

void read_log(std::string_view file, const LogVisitor& visitor) { LogReader(file, visitor).run(); }

}  // namespace tulving::storage
