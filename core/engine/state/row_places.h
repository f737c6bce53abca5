#pragma once

#include <cstdint>
#include <vector>

namespace tulving::engine {

/// A place for each of few rows, by row: a dense table that is emptied by walking what was set, so
/// that a search pays for its candidates, not for the tenant. One a thread, used again and again.
class RowPlaces {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  explicit RowPlaces(std::size_t rows) {
    if (table().size() < rows) table().resize(rows, kNone);
  }
  ~RowPlaces() {
    for (const std::uint32_t row : set_) table()[row] = kNone;
  }
  RowPlaces(const RowPlaces&) = delete;
  RowPlaces& operator=(const RowPlaces&) = delete;

  /// kNone when the row has no place.
  [[nodiscard]] std::uint32_t find(std::uint32_t row) const { return table()[row]; }
  void set(std::uint32_t row, std::uint32_t place) {
    table()[row] = place;
    set_.push_back(row);
  }

 private:
  static std::vector<std::uint32_t>& table() {
    thread_local std::vector<std::uint32_t> places;
    return places;
  }
  std::vector<std::uint32_t> set_;
};

}  // namespace tulving::engine
