#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "tulving/result.h"

namespace tulving::storage {

/// The journal's key spaces. Reach the disk: never renumber.
enum class Table : std::uint8_t {
  kMeta = 0,     ///< Store id, format, embedding models, tenants.
  kRecords = 1,  ///< Present records, tombstones, idempotency keys.
  kVectors = 2,  ///< Embeddings, f32: large values.
  kHistory = 3,  ///< Earlier versions.
};
inline constexpr std::size_t kTableCount = 4;

/// Puts and erases that take effect together or not at all. Reusable after clear().
class JournalBatch {
 public:
  struct Operation {
    Table table;
    bool is_put;
    std::string key;
    std::string front;      ///< The value's first bytes: all of it, where `rest` is empty.
    std::string_view rest;  ///< Its other bytes, which are somebody else's.
    std::shared_ptr<const void> owner;  ///< Keeps `rest`; null: the caller does.

    [[nodiscard]] std::string value() const { return std::string(front).append(rest); }
  };
  void put(Table table, std::string key, std::string value) {
    TULVING_DCHECK(!key.empty());  // It would lie in the way of every prefix.
    bytes_ += key.size() + value.size();
    operations_.push_back({table, true, std::move(key), std::move(value), {}, nullptr});
  }
  /// Puts `front` and behind it `rest`, which is not copied: `owner` keeps it, or, where that is
  /// null, the caller as long as the batch lives.
  void put(Table table, std::string key, std::string front, std::string_view rest,
           std::shared_ptr<const void> owner) {
    TULVING_DCHECK(!key.empty());
    bytes_ += key.size() + front.size() + rest.size();
    operations_.push_back({table, true, std::move(key), std::move(front), rest, std::move(owner)});
  }
  void erase(Table table, std::string key) {
    TULVING_DCHECK(!key.empty());
    bytes_ += key.size();
    operations_.push_back({table, false, std::move(key), {}, {}, nullptr});
  }
  void clear() {
    operations_.clear();
    bytes_ = 0;
  }
  [[nodiscard]] std::span<const Operation> operations() const { return operations_; }
  [[nodiscard]] bool empty() const { return operations_.empty(); }
  /// Of all keys and values.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  std::vector<Operation> operations_;
  std::uint64_t bytes_ = 0;
};

/// Called for each entry of a scan, in key order; views are valid during the call. An error ends
/// the scan.
using ScanVisitor = std::function<Status(std::string_view key, std::string_view value)>;

/// Reads of one point in time; later appends do not show.
class JournalReader {
 public:
  virtual ~JournalReader() = default;
  virtual Result<std::optional<std::string>> get(Table table, std::string_view key) const = 0;
  /// Visits the entries whose key starts with `prefix`. kCorruption: a checksum failed.
  virtual Status scan(Table table, std::string_view prefix, const ScanVisitor& visit) const = 0;
};

/// Where every acknowledged write is kept: an ordered map with atomic batches, the port that
/// rocksdb/ and memory/ implement.
///
/// Thread safety: any member from any thread; appends are applied one at a time.
/// Errors: after append() or make_durable() has failed once the state on disk is unknown, and every
///   later one fails with the same error (fail-stop); reads go on.
class Journal {
 public:
  virtual ~Journal() = default;

  /// Appends a batch: on success it survives the process; a power loss only after make_durable().
  virtual Status append(const JournalBatch& batch) = 0;
  /// Fsyncs what was appended before the call.
  virtual Status make_durable() = 0;
  /// Says beside the log how far it was made durable, so that a later opening tells bytes of it
  /// that rotted or were lost from a write that was cut off. For when nothing is written: costs a
  /// small file's replacement, once for all that was made durable before. A failure harms nothing.
  virtual Status note_durable() { return {}; }

  virtual Result<std::optional<std::string>> get(Table table, std::string_view key) const = 0;
  [[nodiscard]] virtual std::unique_ptr<JournalReader> snapshot() const = 0;

  /// Rewrites the files so that no erased or replaced value is left in them. O(store). kBusy: a
  /// reader holds an earlier state.
  virtual Status purge() = 0;
  /// Reads every file and checks every checksum. Problems, one sentence each, naming the file.
  virtual Result<std::vector<std::string>> verify() const = 0;
  [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
  /// Flushes and closes; later calls fail with kInvalidArgument. Readers stay valid; the directory
  /// is released with the last of them.
  virtual Status close() = 0;
};

}  // namespace tulving::storage
