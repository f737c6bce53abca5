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
    keys_.emplace_back();
    created_us_.push_back(0);
    last_used_us_.push_back(0);
    use_count_.push_back(0);
    strength_.push_back(0);
    priority_.push_back(0);
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
  keys_[row] = tie_key_of(record->id());
  TULVING_DCHECK(priority_.size() == records_.size() && strength_.size() == records_.size());
  created_us_[row] = record->created_at().time_since_epoch().count();
  last_used_us_[row] = record->last_used().time_since_epoch().count();
  use_count_[row] = record->use_count();
  strength_[row] = static_cast<float>(record->strength());
  priority_[row] = static_cast<std::uint8_t>(record->priority());
  slot = std::move(record);
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
    keys_.resize(row + 1);
    created_us_.resize(row + 1);
    last_used_us_.resize(row + 1);
    use_count_.resize(row + 1);
    strength_.resize(row + 1);
    priority_.resize(row + 1);
  }
  rows_by_id_[id] = row;
}

std::vector<std::uint32_t> MemoryTable::release_reserved() {
  std::vector<std::uint32_t> released;
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
