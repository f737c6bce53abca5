#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <roaring/roaring.hh>
#include <vector>

namespace tulving::index {

/// A 64-bit number per row, kept in order: a range becomes a bitmap of its rows in
/// O(log(n)^2 + matches). A change is O(log n) amortised, and O(1) when numbers come in order, as
/// times do. 24 bytes a row, up to 40 when rows often change, and what vectors hold in reserve.
///
/// Thread safety: const members beside each other; the others alone.
class SortedColumn {
 public:
  void set(std::uint32_t row, std::int64_t value);
  void erase(std::uint32_t row);

  // For filling an empty column: rows ascending, each once, and then end_loading(), before which
  // nothing else may be called.
  void reserve(std::size_t rows);  ///< Room for the rows below.
  void load(std::uint32_t row, std::int64_t value);
  void end_loading();

  [[nodiscard]] std::optional<std::int64_t> get(std::uint32_t row) const;
  /// Rows with low <= value <= high.
  [[nodiscard]] Roaring range(std::int64_t low, std::int64_t high) const;
  /// True when some row's value is <= `high`. O(log n), from the fronts of the runs alone: how a
  /// search asks if anything has expired.
  [[nodiscard]] bool any_up_to(std::int64_t high) const;
  /// The `k` rows of `allowed` (null: all) with the greatest values, greatest first, equal ones by
  /// row. O(k log n) when most rows are allowed, never more than O(|allowed| log n).
  [[nodiscard]] std::vector<std::uint32_t> greatest(std::size_t k, const Roaring* allowed) const;
  [[nodiscard]] std::size_t size() const { return live_; }  ///< Rows that have a number.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Entry {
    std::int64_t value;
    std::uint32_t row;
  };
  struct Run {
    std::vector<Entry> entries;
    std::size_t begin = 0;  ///< Entries before it are stale and skipped for good.
  };
  class Descent;
  struct Before;

  [[nodiscard]] bool is_live(const Entry& entry) const;
  void insert(const Entry& entry);
  void merge_last_two();
  void merge_all();
  void skip_stale_front(std::uint32_t row);
  [[nodiscard]] Roaring range_in_row_order(std::int64_t low, std::int64_t high) const;
  [[nodiscard]] std::vector<std::uint32_t> greatest_of(std::size_t k, const Roaring& allowed) const;

  std::vector<std::int64_t> values_;  ///< By row.
  std::vector<bool> present_;         ///< By row.
  std::size_t live_ = 0;              ///< Rows that have a number.
  std::size_t entries_ = 0;           ///< In all runs, stale and skipped ones too.
  std::vector<Run> runs_;             ///< See the invariants in the .cc file.
};

}  // namespace tulving::index
