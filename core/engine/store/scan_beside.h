#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "storage/journal.h"
#include "tulving/result.h"

namespace tulving::engine {

struct ScannedRow {
  /// A record's key has 21 bytes, and is no allocation of its own.
  static constexpr std::size_t kKeyBytes = 24;

  absl::InlinedVector<char, kKeyBytes> key_bytes;
  std::string value;

  [[nodiscard]] std::string_view key() const { return {key_bytes.data(), key_bytes.size()}; }
};
/// Values may be taken out.
using BatchVisitor = std::function<Status(std::span<ScannedRow> rows)>;

/// Scans as JournalReader::scan() does, with `visit` on another thread where there are many rows:
/// some are read while those before them are taken apart. Rows come in order, some hundred at a
/// time.
Status scan_beside(const storage::JournalReader& reader, storage::Table table,
                   std::string_view prefix, const BatchVisitor& visit);

}  // namespace tulving::engine
