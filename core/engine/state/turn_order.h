#pragma once

#include <absl/container/btree_set.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tulving::engine {

/// Which turn came before and after which, in each session: by created_at, then as whoever made
/// this says. Looking up is O(1), adding and removing O(log turns of the session).
///
/// Thread safety: const members beside each other; the others alone.
class TurnOrder {
 public:
  /// `told_before` orders two turns of one moment; what it says of turns that are here does not
  /// change. Rows say nothing about it: they are other ones in each copy of a store.
  explicit TurnOrder(std::function<bool(std::uint32_t, std::uint32_t)> told_before)
      : told_before_(std::move(told_before)) {}
  TurnOrder(const TurnOrder&) = delete;
  TurnOrder& operator=(const TurnOrder&) = delete;

  void add(std::string_view session_id, std::int64_t created_us, std::uint32_t row);
  void remove(std::string_view session_id, std::int64_t created_us, std::uint32_t row);

  [[nodiscard]] std::optional<std::uint32_t> previous(std::uint32_t row) const {
    return at(previous_, row);
  }
  [[nodiscard]] std::optional<std::uint32_t> next(std::uint32_t row) const {
    return at(next_, row);
  }
  /// Whether the turn is there, between the turns that its session's order says.
  [[nodiscard]] bool holds(std::string_view session_id, std::int64_t created_us,
                           std::uint32_t row) const;
  [[nodiscard]] std::uint64_t size() const;  ///< Turns of all sessions. O(sessions).
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  using Turn = std::pair<std::int64_t, std::uint32_t>;  // When, and which row.
  struct Before {
    const std::function<bool(std::uint32_t, std::uint32_t)>* told_before;
    bool operator()(const Turn& a, const Turn& b) const {
      if (a.first != b.first) return a.first < b.first;
      return a.second != b.second && (*told_before)(a.second, b.second);
    }
  };
  using Turns = absl::btree_set<Turn, Before>;

  static std::optional<std::uint32_t> at(const std::vector<std::uint32_t>& neighbours,
                                         std::uint32_t row) {
    if (row >= neighbours.size() || neighbours[row] == kNone) return std::nullopt;
    return neighbours[row];
  }
  void link(std::uint32_t before, std::uint32_t after);

  const std::function<bool(std::uint32_t, std::uint32_t)> told_before_;
  std::map<std::string, Turns, std::less<>> sessions_;
  std::vector<std::uint32_t> previous_, next_;  ///< By row; kNone where there is none.
};

}  // namespace tulving::engine
