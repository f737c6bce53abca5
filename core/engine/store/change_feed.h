#pragma once

#include <cstdint>
#include <functional>

#include "storage/journal.h"
#include "tulving/result.h"

namespace tulving::engine {

/// The store's one writer of the change feed (storage/changes.h): each write's row goes into the
/// write's own batch, made of the batch itself, so no kind of record can be forgotten.
///
/// It is kept at least as long as the store has records: whoever asks for older changes asks for
/// more of them than a pass over the store costs, and is answered by one. So no reader has to be
/// known, none can lose a change, and the feed stays within a multiple of the store. Beyond twice
/// that length each write takes out about twice what it adds, until an eighth is gone.
///
/// Thread safety: none; guarded by the store's write mutex.
class ChangeFeed {
 public:
  /// `records` tells how many records the store has. Of its changes at least `changes_min` are
  /// kept.
  explicit ChangeFeed(std::function<std::uint64_t()> records, std::uint64_t changes_min = 100'000)
      : records_(std::move(records)), changes_min_(changes_min), changes_max_(changes_min) {}

  /// Finds the feed of a store at `revision`.
  Status open(const storage::JournalReader& reader, std::uint64_t revision);

  /// Adds the row of the write `revision` to its batch, which has all else in it.
  Status stage(const storage::Journal& journal, std::uint32_t tenant, std::uint64_t revision,
               storage::JournalBatch& batch);

 private:
  Status trim(const storage::Journal& journal, std::uint64_t added, storage::JournalBatch& batch);
  [[nodiscard]] std::uint64_t changes() const { return total_ - dropped_; }

  const std::function<std::uint64_t()> records_;
  const std::uint64_t changes_min_;
  std::uint64_t changes_max_;  ///< Longer, and it is trimmed.
  bool is_trimming_ = false;
  std::uint64_t oldest_ = 1;   ///< The first revision that has a row, or will have.
  std::uint64_t next_ = 1;     ///< The first that has none yet.
  std::uint64_t total_ = 0;    ///< ChangeRow::total of the newest row,
  std::uint64_t dropped_ = 0;  ///< and of the newest that is gone.
};

}  // namespace tulving::engine
