#pragma once

#include <compare>
#include <cstdint>
#include <span>

namespace tulving::index {

/// What tells rows apart when their scores do not: 128 bits a row, given by whoever fills the
/// index.
struct RowKey {
  std::uint64_t high = 0, low = 0;

  friend constexpr auto operator<=>(const RowKey&, const RowKey&) = default;
};

/// Which of two rows comes first when nothing else tells them apart: the one with the smaller key.
/// A row's number says when it was written, so it is another in a copy of the same rows; its key is
/// the same in each. Rows without a key come behind those with one, by number; that is the order of
/// tests and of whoever needs none.
///
/// It is asked while rows are chosen, not afterwards: of a thousand rows with one score the ten
/// that an index hands out must be the right ten.
class TieOrder {
 public:
  constexpr TieOrder() = default;
  /// Keys by row, no two equal; they outlive this and do not change under it.
  constexpr explicit TieOrder(std::span<const RowKey> keys) : keys_(keys) {}

  [[nodiscard]] constexpr bool before(std::uint32_t a, std::uint32_t b) const noexcept {
    if (a >= keys_.size() || b >= keys_.size()) return a < b;
    return keys_[a] < keys_[b];
  }

 private:
  std::span<const RowKey> keys_;
};

}  // namespace tulving::index
