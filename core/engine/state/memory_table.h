#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <roaring/roaring.hh>
#include <vector>

#include "core/base/flat_hash.h"
#include "index/tie_order.h"
#include "storage/codec/codec.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving::engine {

/// A time as columns and orders hold it: microseconds since 1970.
inline std::int64_t micros(Timestamp time) { return time.time_since_epoch().count(); }

using RecordPtr = std::shared_ptr<const storage::MemoryRecord>;

struct UuidHash {
  // By reference to the random half of the id; absl mixes it further.
  std::size_t operator()(const Uuid& id) const noexcept { return std::hash<Uuid>{}(id); }
};

/// The memories of one tenant as dense 32-bit rows: the record's bytes, and beside them as columns
/// the few numbers that ranking and decay stream through. A row freed by erase() is used again.
///
/// Thread safety: const members beside each other; the others alone.
class MemoryTable {
 public:
  /// The row a record will take: its own when the id is here, else a free or a new one.
  [[nodiscard]] std::uint32_t row_for(const Uuid& id) const;
  /// Puts `record` into `row`, which row_for() gave.
  void put(std::uint32_t row, RecordPtr record);
  void erase(std::uint32_t row);

  // For recovery, in this order. Records come by their random ids: each touches as little as can
  // be, and the rest is made in the rows' order.
  /// Gives `id` the row it had in an index checkpoint.
  void reserve(std::uint32_t row, const Uuid& id);
  /// Room for so many memories.
  void make_room(std::size_t memories);
  /// Hides the wait for what load() looks at.
  void prefetch(const Uuid& id) const { rows_by_id_.prefetch(id); }
  /// A record that is not here: it takes the row that was reserved for it, or a new one.
  void load(RecordPtr record);
  /// All records are here: rows() is right from now on.
  void end_loading();
  /// Makes the columns of a row.
  void fill_columns(std::uint32_t row);
  /// Frees reserved rows that no record claimed, and returns them.
  std::vector<std::uint32_t> release_reserved();

  [[nodiscard]] std::optional<std::uint32_t> find(const Uuid& id) const;
  [[nodiscard]] const RecordPtr& record(std::uint32_t row) const { return records_[row]; }
  [[nodiscard]] std::size_t size() const { return rows_by_id_.size(); }
  /// One more than the greatest row ever used.
  [[nodiscard]] std::uint32_t row_limit() const {
    return static_cast<std::uint32_t>(records_.size());
  }
  [[nodiscard]] const Roaring& rows() const { return rows_; }

  // Columns; defined for rows in rows().
  [[nodiscard]] std::int64_t created_us(std::uint32_t row) const { return created_us_[row]; }
  [[nodiscard]] std::int64_t last_used_us(std::uint32_t row) const { return last_used_us_[row]; }
  [[nodiscard]] std::int32_t use_count(std::uint32_t row) const { return use_count_[row]; }
  [[nodiscard]] float strength(std::uint32_t row) const { return strength_[row]; }
  [[nodiscard]] std::uint8_t priority(std::uint32_t row) const { return priority_[row]; }

  /// By id: how the indexes choose among rows that score the same, so that every copy of a tenant
  /// answers alike. Valid until a memory is added.
  [[nodiscard]] index::TieOrder ties() const { return index::TieOrder(keys_); }

  /// The columns of decay scores, row_limit() long.
  struct DecayColumns {
    const std::int64_t* last_used_us;
    const std::int32_t* use_count;
    const float* strength;
  };
  [[nodiscard]] DecayColumns decay_columns() const {
    return {last_used_us_.data(), use_count_.data(), strength_.data()};
  }

  [[nodiscard]] std::uint64_t bytes() const { return record_bytes_ + records_.size() * kRowBytes; }

 private:
  /// Makes the columns as long as the rows.
  void lengthen_columns();

  // Pointer, columns, and the id map's slot at its usual load.
  static constexpr std::uint64_t kRowBytes = sizeof(RecordPtr) + sizeof(index::RowKey) + 25 + 28;

  std::vector<RecordPtr> records_;
  std::vector<index::RowKey> keys_;  ///< Their ids.
  std::vector<std::int64_t> created_us_;
  std::vector<std::int64_t> last_used_us_;
  std::vector<std::int32_t> use_count_;
  std::vector<float> strength_;
  std::vector<std::uint8_t> priority_;
  FlatMap<Uuid, std::uint32_t, UuidHash> rows_by_id_;
  std::vector<std::uint32_t> free_rows_;
  Roaring rows_;
  std::uint64_t record_bytes_ = 0;
};

}  // namespace tulving::engine
