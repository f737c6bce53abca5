#include "core/engine/state/memory_table.h"

#include <cstdint>
#include <utility>

#include "core/base/check.h"

namespace tulving::engine {
namespace {

// An id's bytes as numbers that are in the ids' order.
index::RowKey tie_key_of(const Uuid& id) {
  const auto number_at = [&id](std::size_t place) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(number); ++i) number = number << 8U | id.bytes[place + i];
    return number;
  };
  return {number_at(0), number_at(sizeof(std::uint64_t))};
}

}  // namespace

std::uint32_t MemoryTable::row_for(const Uuid& id) const {
  if (const auto found = rows_by_id_.find(id); found != rows_by_id_.end()) {
    // Both ways: the row of an id is the row of its record, or is kept for it.
    TULVING_DCHECK(!records_[found->second] || records_[found->second]->id() == id);
    return found->second;
  }
  TULVING_DCHECK(free_rows_.empty() || !records_[free_rows_.back()]);
  return free_rows_.empty() ? row_limit() : free_rows_.back();
}

void MemoryTable::put(std::uint32_t row, RecordPtr record) {
  TULVING_CHECK(row <= records_.size());
  if (row == records_.size()) {
    records_.emplace_back();
    lengthen_columns();
  } else if (!free_rows_.empty() && free_rows_.back() == row) {
    free_rows_.pop_back();
  }
  RecordPtr& slot = records_[row];
  TULVING_DCHECK(!slot || slot->id() == record->id());  // A row changes hands by erase() alone.
  TULVING_DCHECK(!slot || rows_.contains(row));
  if (slot) record_bytes_ -= slot->bytes().size();
  record_bytes_ += record->bytes().size();
  rows_by_id_[record->id()] = row;
  rows_.add(row);
  slot = std::move(record);
  fill_columns(row);
}

void MemoryTable::lengthen_columns() {
  const std::size_t rows = records_.size();
  keys_.resize(rows);
  created_us_.resize(rows);
  last_used_us_.resize(rows);
  use_count_.resize(rows);
  strength_.resize(rows);
  priority_.resize(rows);
}

void MemoryTable::fill_columns(std::uint32_t row) {
  TULVING_DCHECK(priority_.size() == records_.size() && strength_.size() == records_.size());
  const storage::MemoryRecord& record = *records_[row];
  keys_[row] = tie_key_of(record.id());
  created_us_[row] = record.created_at().time_since_epoch().count();
  last_used_us_[row] = record.last_used().time_since_epoch().count();
  use_count_[row] = record.use_count();
  strength_[row] = static_cast<float>(record.strength());
  priority_[row] = static_cast<std::uint8_t>(record.priority());
}

void MemoryTable::erase(std::uint32_t row) {
  RecordPtr& slot = records_[row];
  TULVING_CHECK(slot != nullptr);
  TULVING_DCHECK(find(slot->id()) == row);
  TULVING_DCHECK(record_bytes_ >= slot->bytes().size());
  record_bytes_ -= slot->bytes().size();
  rows_by_id_.erase(slot->id());
  rows_.remove(row);
  slot.reset();
  free_rows_.push_back(row);
}

void MemoryTable::reserve(std::uint32_t row, const Uuid& id) {
  TULVING_DCHECK(rows_.isEmpty());  // The checkpoint's rows first, then records.
  if (row >= records_.size()) {
    records_.resize(row + 1);
    lengthen_columns();
  }
  rows_by_id_[id] = row;
}

void MemoryTable::make_room(std::size_t memories) {
  records_.reserve(memories);
  rows_by_id_.reserve(memories);
}

void MemoryTable::load(RecordPtr record) {
  TULVING_DCHECK(free_rows_.empty());
  const std::uint32_t row = rows_by_id_.try_emplace(record->id(), row_limit()).first->second;
  if (row == row_limit()) records_.emplace_back();
  TULVING_DCHECK(!records_[row]);  // The log has each once.
  record_bytes_ += record->bytes().size();
  records_[row] = std::move(record);
}

void MemoryTable::end_loading() {
  lengthen_columns();
  for (std::uint32_t row = 0; row < row_limit();) {
    const std::uint32_t begin = row;
    while (row < row_limit() && records_[row]) ++row;
    if (row > begin) rows_.addRange(begin, row);
    if (row < row_limit()) ++row;
  }
  rows_.shrinkToFit();
}

std::vector<std::uint32_t> MemoryTable::release_reserved() {
  std::vector<std::uint32_t> released;
  if (rows_by_id_.size() == rows_.cardinality() && row_limit() == rows_by_id_.size()) return {};
  for (auto entry = rows_by_id_.begin(); entry != rows_by_id_.end();) {
    if (records_[entry->second]) {
      ++entry;
    } else {
      released.push_back(entry->second);
      rows_by_id_.erase(entry++);
    }
  }
  for (std::uint32_t row = row_limit(); row-- > 0;) {
    if (!records_[row]) free_rows_.push_back(row);
  }
  TULVING_DCHECK(rows_by_id_.size() == rows_.cardinality());  // No id is left without a record,
  TULVING_DCHECK(rows_by_id_.size() + free_rows_.size() == records_.size());  // and no row lost.
  return released;
}

std::optional<std::uint32_t> MemoryTable::find(const Uuid& id) const {
  const auto found = rows_by_id_.find(id);
  if (found == rows_by_id_.end()) return std::nullopt;
  return found->second;
}

}  // namespace tulving::engine
