#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace tulving::storage {

// RocksDB's log format, which its write-ahead logs and manifests share: blocks of 32 KiB, in them
// fragments {crc32c:4, length:2, type:1, bytes}, a record being one kFull fragment or kFirst,
// kMiddle..., kLast. RocksDB's point-in-time recovery stops without a word at the first fragment
// that does not fit, be it the torn last write or a byte that rotted a year ago. We look beyond, to
// tell the two.

/// Bytes that are not a record.
struct LogGap {
  enum class Kind : std::uint8_t {
    kCut,         ///< The file may simply end early: a write that was cut off.
    kUnreadable,  ///< Something else is there; a power loss can leave that, and so can rot.
    kAltered,     ///< A whole record is there whose length was changed, which no crash does.
  };
  std::uint64_t offset = 0;
  Kind kind = Kind::kUnreadable;
};

struct LogVisitor {
  std::function<void(std::uint64_t offset, std::string_view record)> on_record;
  std::function<void(const LogGap&)> on_gap;
};

/// Visits the records of a log file in order, and each gap between or after them.
void read_log(std::string_view file, const LogVisitor& visitor);

}  // namespace tulving::storage
