#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/files/file_system.h"

namespace tulving::storage {

// RocksDB's log format, which its write-ahead logs and manifests share: blocks of 32 KiB, in them
// fragments {crc32c:4, length:2, type:1, bytes}, a record being one kFull fragment or kFirst,
// kMiddle..., kLast. RocksDB's point-in-time recovery stops without a word at the first fragment
// that does not fit, be it the torn last write or a byte that rotted a year ago, or passes over it
// where zeros stand. We look beyond, to tell these apart.

/// Bytes that are not a record.
struct LogGap {
  enum class Kind : std::uint8_t {
    kCut,         ///< The file may simply end early: a write that was cut off.
    kUnreadable,  ///< Something else is there; a power loss can leave that, and so can rot.
    kAltered,     ///< A sum fits where no crash leaves one: a length or a type was changed, or what
                  ///< follows was made to look like records.
  };
  std::uint64_t offset = 0;
  Kind kind = Kind::kUnreadable;
};

/// Is told what is in a log file, in order.
class LogVisitor {
 public:
  virtual ~LogVisitor() = default;
  /// A record begins at `offset`. Its bytes follow in pieces, then its end, or a gap.
  virtual void begin_record(std::uint64_t offset) = 0;
  virtual void add(std::string_view bytes) = 0;
  virtual void end_record() = 0;
  /// What was begun is no record, or what stands there is none. False: nothing more is to be read.
  virtual bool gap(const LogGap& gap) = 0;
  /// The records begin as our batches do, with a durable_note() (log_audit.h).
  [[nodiscard]] virtual bool has_notes() const { return true; }
};

/// Reads a log file in pieces, in memory that does not grow with it. Behind a gap it looks for
/// records, of a log with notes in linear time; holes of a sparse file are passed over unread. An
/// errno; 0: done.
[[nodiscard]] int read_log(const Descriptor& file, LogVisitor& visitor);

/// What begins the first operation of each of our batches: its tag, its length, its magic.
inline constexpr std::string_view kNoteStart("\x03\x0cTLV1", 6);
/// What comes before the operations of a batch: sequence:8 count:4.
inline constexpr std::size_t kBatchHeaderBytes = 12;
/// RocksDB's greatest sequence number, and a bound of its files' numbers.
inline constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 56U) - 1;
inline constexpr std::uint64_t kFileNumberMax = (std::uint64_t{1} << 62U) - 2;

}  // namespace tulving::storage
