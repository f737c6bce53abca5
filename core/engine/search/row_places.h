#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/check.h"

namespace tulving::engine {

/// A place for each of few rows, by row: a dense table that is emptied by walking what was set, so
/// that a search pays for its candidates, not for the tenant. One a thread, used again and again.
class RowPlaces {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  explicit RowPlaces(std::size_t rows) : table_(of_this_thread(rows)), rows_(rows) {
    TULVING_DCHECK(std::all_of(table_, table_ + rows, [](auto place) { return place == kNone; }));
  }
  ~RowPlaces() {
    for (const std::uint32_t row : set_) table_[row] = kNone;
  }
  RowPlaces(const RowPlaces&) = delete;
  RowPlaces& operator=(const RowPlaces&) = delete;

  /// kNone when the row has no place.
  [[nodiscard]] std::uint32_t find(std::uint32_t row) const {
    TULVING_DCHECK(row < rows_);
    return table_[row];
  }
  void set(std::uint32_t row, std::uint32_t place) {
    TULVING_DCHECK(find(row) == kNone);  // Once, or it would be walked twice.
    set_.push_back(row);                 // first: what throws must leave nothing behind
    table_[row] = place;
  }

 private:
  static std::uint32_t* of_this_thread(std::size_t rows) {
    thread_local std::vector<std::uint32_t> places;
    if (places.size() < rows) places.resize(rows, kNone);
    return places.data();
  }

  std::uint32_t* const table_;
  const std::size_t rows_;
  std::vector<std::uint32_t> set_;
};

}  // namespace tulving::engine
