#pragma once

#include <absl/container/btree_set.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::engine {

/// Which turn came before and after which, in each session: by created_at, then row. Looking up is
/// O(1), adding and removing O(log turns of the session).
///
/// Thread safety: const members beside each other; the others alone.
class TurnOrder {
 public:
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
  using Turns = absl::btree_set<std::pair<std::int64_t, std::uint32_t>>;

  static std::optional<std::uint32_t> at(const std::vector<std::uint32_t>& neighbours,
                                         std::uint32_t row) {
    if (row >= neighbours.size() || neighbours[row] == kNone) return std::nullopt;
    return neighbours[row];
  }
  void link(std::uint32_t before, std::uint32_t after);

  std::map<std::string, Turns, std::less<>> sessions_;
  std::vector<std::uint32_t> previous_, next_;  ///< By row; kNone where there is none.
};

}  // namespace tulving::engine
