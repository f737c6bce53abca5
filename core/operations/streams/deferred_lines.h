#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <unordered_set>

#include "core/operations/streams/import.h"

namespace tulving::operations {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Lines of an import that refer to what does not stand above them, set aside in a temporary file
/// until the rest is in: there may be more of them than RAM holds, which keeps 20 to 60 bytes of
/// those that name their memory.
class DeferredLines {
 public:
  /// kIo: no temporary file, or no room for it.
  Status add(const Tenant& tenant, const LineRecord& line);
  /// Whether the record is of a memory that a line set aside writes: it must wait for that line, or
  /// the earlier of the two would be the one that stays.
  [[nodiscard]] bool holds(const Tenant& tenant, const Record& record) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Takes all out, in order, and calls `visit` with each, which may add lines anew. Ends with the
  /// first error.
  Status take(const std::function<Status(LineRecord)>& visit);

 private:
  File file_;
  std::uint64_t size_ = 0;
  std::unordered_set<std::size_t> memories_;  // Hashes of tenant and id.
};

}  // namespace tulving::operations
