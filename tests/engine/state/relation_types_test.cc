// What is promised: each type has one number while a relation has it, no two types have one, and a
// number that is free again is given out before the numbers grow. Held against a map of counts.

#include "core/engine/state/relation_types.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace tulving::engine {
namespace {

TEST(RelationTypes, AreNumberedWhileTheyAreUsed) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  RelationTypes types;
  std::map<std::string, std::uint64_t> counts;
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string type = "t" + std::to_string(random() % 50);
    if (random() % 2 == 0) {
      EXPECT_EQ(types.name(types.add(type)), type);
      ++counts[type];
    } else if (counts.contains(type)) {
      types.remove(*types.find(type));
      if (--counts[type] == 0) counts.erase(type);
    }
    most = std::max(most, counts.size());
    ASSERT_EQ(types.size(), counts.size());
    ASSERT_EQ(types.find(type).has_value(), counts.contains(type));
    std::set<std::uint32_t> numbers;
    for (const auto& [one, count] : counts) {
      numbers.insert(*types.find(one));
      ASSERT_LT(*types.find(one), most);
    }
    ASSERT_EQ(numbers.size(), counts.size());
  }
}

// A release before 0.2 took any number of types; what it stored is read.
TEST(RelationTypes, GoBeyondSixteenBits) {
  RelationTypes types;
  constexpr std::uint32_t kMany = 70'000;
  for (std::uint32_t i = 0; i < kMany; ++i) ASSERT_EQ(types.add(std::to_string(i)), i);
  for (std::uint32_t i = 0; i < kMany; ++i) ASSERT_EQ(types.name(i), std::to_string(i));
}

}  // namespace
}  // namespace tulving::engine
