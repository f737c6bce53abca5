#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/base/json/entry_stream.h"
#include "core/operations/streams/deferred_lines.h"
#include "tulving/result.h"

namespace tulving::operations {

/// Entries that wait for something that stands further down: in RAM while they are few, then in a
/// temporary file. First all are added, then all are taken.
class EntrySpool {
 public:
  /// kIo: no temporary file, or no room for it.
  Status add(Entry entry);
  /// The next one, in the order in which they were added; empty after the last.
  Result<std::optional<Entry>> take();
  void clear() { *this = EntrySpool(); }

 private:
  Status write(const Entry& entry);
  Result<Entry> read();

  std::deque<Entry> front_;
  std::size_t front_bytes_ = 0;
  File file_;
  std::uint64_t in_file_ = 0;
  bool is_taking_ = false;
};

}  // namespace tulving::operations
