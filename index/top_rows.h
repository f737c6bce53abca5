#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "index/scored_row.h"

namespace tulving::index {

/// Of rows in no order, those from `first` to before `last`: all before are better, all behind
/// worse.
struct RowPart {
  std::size_t first = 0, last = 0;
};

/// Brings the rows of which `is_first` holds to the front of [from, rows.size()), without a branch
/// a row; returns their end.
template <class IsFirst>
std::size_t part_rows(std::span<ScoredRow> rows, std::size_t from, const IsFirst& is_first) {
  std::size_t end = from;
  for (std::size_t i = from; i < rows.size(); ++i) {
    const ScoredRow row = rows[i];
    rows[i] = rows[end];
    rows[end] = row;
    end += static_cast<std::size_t>(is_first(row.score));
  }
  return end;
}

/// The part that has the k-th best, found by counting how many scores lie in each of equally wide
/// parts of their range; all rows where that tells nothing.
inline RowPart part_with_kth(std::span<ScoredRow> rows, std::size_t k) {
  constexpr std::size_t kParts = 256;
  float most = rows.front().score, least = most;
  for (const ScoredRow& row : rows) {
    most = std::max(most, row.score);
    least = std::min(least, row.score);
  }
  const float parts_per_unit = static_cast<float>(kParts - 1) / (most - least);
  constexpr float kSteepest = 1e20F;  // Where the range is next to nothing.
  if (!(parts_per_unit > 0.0F && parts_per_unit < kSteepest)) return {0, rows.size()};
  const auto part_of = [most, parts_per_unit](float score) {
    return static_cast<std::int32_t>((most - score) * parts_per_unit);
  };
  std::array<std::uint32_t, kParts> counts = {};
  for (const ScoredRow& row : rows) ++counts[static_cast<std::size_t>(part_of(row.score))];
  std::size_t before = 0;
  std::int32_t part = 0;
  for (; before + counts[static_cast<std::size_t>(part)] < k; ++part) {
    before += counts[static_cast<std::size_t>(part)];
  }
  const auto is_better = [&](float score) { return part_of(score) < part; };
  const auto is_of_part = [&](float score) { return part_of(score) == part; };
  const std::size_t first = part_rows(rows, 0, is_better);
  return {first, part_rows(rows, first, is_of_part)};
}

/// Brings the k best rows to the front, in no order but for the k-th best, which comes last of
/// them; 1 <= k <= rows.size(), no row twice.
///
/// Of many the part that has the k-th first; in that, quickselect, as std::nth_element, but for a
/// partition without a branch a row: which side a row belongs to is a coin toss, and a mispredicted
/// one takes as long as moving ten rows. Equal scores are rare, or all are equal: a branch for them
/// is foreseen.
inline void best_to_front(std::span<ScoredRow> rows, std::size_t k, const TieOrder& ties = {}) {
  const auto before = [&ties](const ScoredRow& a, const ScoredRow& b) {
    return ranks_before_by(ties, a, b);
  };
  constexpr std::size_t kMany = 96, kFew = 24;
  // The k-th best is in [first, last).
  auto [first, last] = rows.size() < kMany ? RowPart{0, rows.size()} : part_with_kth(rows, k);
  for (int rounds = 40; rounds > 0 && last - first > kFew; --rounds) {
    ScoredRow &a = rows[first], &b = rows[first + (last - first) / 2], &c = rows[last - 1];
    if (before(b, a)) std::swap(a, b);
    if (before(c, b)) std::swap(b, c);
    if (before(b, a)) std::swap(a, b);
    std::swap(b, c);
    const ScoredRow pivot = c;  // The middle one of the three.
    std::size_t end = first;
    for (std::size_t i = first; i + 1 < last; ++i) {
      const ScoredRow row = rows[i];
      rows[i] = rows[end];
      rows[end] = row;
      bool better = row.score > pivot.score;
      if (row.score == pivot.score) [[unlikely]]
        better = ties.before(row.row, pivot.row);
      end += static_cast<std::size_t>(better);
    }
    std::swap(rows[end], c);
    if (end == k - 1) return;
    (end < k - 1 ? first : last) = end < k - 1 ? end + 1 : end;
  }
  std::nth_element(rows.begin() + static_cast<std::ptrdiff_t>(first),
                   rows.begin() + static_cast<std::ptrdiff_t>(k - 1),
                   rows.begin() + static_cast<std::ptrdiff_t>(last), before);
}

/// The k best of the rows offered, as ranks_before_by() ranks them; each row is offered once.
///
/// Up to twice as many are held; when there is no more room, those behind the k-th leave. That is
/// O(1) a row, whatever k: a heap's O(log k) mispredicted branches made the pool of 400 texts, out
/// of 550, five times as slow as finding their scores.
class TopRows {
 public:
  explicit TopRows(std::size_t k, const TieOrder& ties = {})
      : ties_(ties), k_(k), room_(k + std::max(k, kRoomMin)) {
    if (k == 0) bar_ = {0, std::numeric_limits<float>::infinity()};  // nothing ranks before it
    rows_.reserve(std::min(room_, kReservedMax));
  }

  /// False for a row that k others are known to rank before.
  [[nodiscard]] bool may_enter(const ScoredRow& row) const {
    return ranks_before_by(ties_, row, bar_);
  }
  /// Takes a row that may enter.
  void add(const ScoredRow& row) {
    rows_.push_back(row);
    if (rows_.size() == room_) settle();
  }
  void offer(const ScoredRow& row) {
    if (may_enter(row)) add(row);
  }

  /// Whether k rows were taken.
  [[nodiscard]] bool full() const { return rows_.size() >= k_; }
  /// A score that k rows are known to reach, so that one below it does not matter; minus infinity
  /// while it is not known. It rises as rows come, and after settle() it is the k-th best.
  [[nodiscard]] float threshold() const { return bar_.score; }
  void settle() {
    if (k_ == 0 || rows_.size() < k_) return;
    best_to_front(rows_, k_, ties_);
    rows_.resize(k_);
    bar_ = rows_.back();
  }
  /// Where enough rows came for the threshold to have risen, and not so few that settling costs
  /// more than they did.
  void settle_if_worthwhile() {
    if (rows_.size() > k_ + k_ / 8) settle();
  }
  /// Keeps the `k` best alone, 0 < k < what this was made for. False: the first of the others
  /// scores as much as the last of these, so more that nobody offered may do so too.
  [[nodiscard]] bool narrow(std::size_t k) {
    k_ = k;
    if (rows_.size() <= k) return true;
    best_to_front(rows_, k, ties_);
    bar_ = rows_[k - 1];
    const bool parted = std::none_of(rows_.begin() + static_cast<std::ptrdiff_t>(k), rows_.end(),
                                     [this](const auto& row) { return row.score == bar_.score; });
    rows_.resize(k);
    return parted;
  }

  /// The rows; leaves this empty.
  [[nodiscard]] std::vector<ScoredRow> take(RowOrder order = RowOrder::kBestFirst) {
    if (rows_.size() > k_) settle();
    if (order == RowOrder::kBestFirst) {
      std::sort(rows_.begin(), rows_.end(),
                [this](const auto& a, const auto& b) { return ranks_before_by(ties_, a, b); });
    }
    return std::move(rows_);
  }

 private:
  static constexpr std::size_t kRoomMin = 32, kReservedMax = 1024;

  TieOrder ties_;
  std::size_t k_, room_;
  std::vector<ScoredRow> rows_;
  /// The k-th best as of the last settle(): until then nothing is known to be better.
  ScoredRow bar_ = {std::numeric_limits<std::uint32_t>::max(),
                    -std::numeric_limits<float>::infinity()};
};

}  // namespace tulving::index
