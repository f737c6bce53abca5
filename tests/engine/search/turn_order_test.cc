// The neighbours of a turn are those that a sorted list of its session gives, after any additions
// and removals. Turns of one moment are in the order that is given, which is not that of the rows.

#include "core/engine/state/turn_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>

namespace tulving::engine {
namespace {

TEST(TurnOrder, NeighboursAreThoseOfASortedList) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const auto told_before = [](std::uint32_t a, std::uint32_t b) {
    return a * 37 % 61 < b * 37 % 61;  // 61 is a prime: no two rows below it are equal.
  };
  TurnOrder order(told_before);
  std::map<std::uint32_t, std::pair<std::string, std::int64_t>> model;
  for (int step = 0; step < 2000; ++step) {
    const auto row = static_cast<std::uint32_t>(random() % 60);
    if (const auto known = model.find(row); known != model.end()) {
      order.remove(known->second.first, known->second.second, row);
      model.erase(known);
    } else {
      const std::string session(1, static_cast<char>('a' + random() % 4));
      const auto created = static_cast<std::int64_t>(random() % 20);
      order.add(session, created, row);
      model[row] = {session, created};
    }
    std::map<std::string, std::vector<std::pair<std::int64_t, std::uint32_t>>> sessions;
    for (const auto& [each, turn] : model) sessions[turn.first].emplace_back(turn.second, each);
    for (auto& [session, turns] : sessions) {
      std::sort(turns.begin(), turns.end(), [&](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : told_before(a.second, b.second);
      });
      for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto before = i > 0 ? std::optional(turns[i - 1].second) : std::nullopt;
        const auto after = i + 1 < turns.size() ? std::optional(turns[i + 1].second) : std::nullopt;
        ASSERT_EQ(order.previous(turns[i].second), before);
        ASSERT_EQ(order.next(turns[i].second), after);
      }
    }
  }
}

}  // namespace
}  // namespace tulving::engine
