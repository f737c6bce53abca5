// A string keeps its id until it is erased, and an erased one leaves no byte behind. Compared with
// a map over random operations.

#include "index/text/postings/string_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

TEST(StringTable, AgreesWithAMapOverRandomOperations) {
  const auto seed = test_seed();
  std::mt19937 random(seed);
  StringTable table;
  std::map<std::string, std::uint32_t> model;
  for (int step = 0; step < 60'000; ++step) {
    const auto number = std::uniform_int_distribution<int>(0, 3000)(random);
    const std::string string = "string " + std::to_string(number * number);
    const auto known = model.find(string);
    if (std::uniform_int_distribution<int>(0, 2)(random) != 0) {
      const std::uint32_t id = table.intern(string);
      ASSERT_TRUE(known == model.end() || id == known->second) << "seed " << seed;
      model.insert_or_assign(string, id);
    } else if (known != model.end()) {
      table.erase(known->second);
      model.erase(known);
    }
  }
  ASSERT_EQ(table.size(), model.size());
  EXPECT_LE(table.limit(), 3001U) << "ids are given out again";
  for (const auto& [string, id] : model) {
    ASSERT_EQ(table.view(id), string) << "seed " << seed;
    ASSERT_EQ(table.find(string), id);
  }
  EXPECT_EQ(table.find("never"), StringTable::kNone);
}

TEST(StringTable, ReusesTheRoomOfErasedStrings) {
  StringTable table;
  const std::uint32_t kept = table.intern("kept");
  for (int i = 0; i < 100'000; ++i) table.erase(table.intern("passing " + std::to_string(i)));
  EXPECT_EQ(table.view(kept), "kept");
  EXPECT_EQ(table.find("kept"), kept);
  EXPECT_LT(table.bytes(), 100'000U) << "1.3 MB of strings have passed";
}

TEST(StringTable, OverwritesWhatIsErased) {
  StringTable table;
  const std::uint32_t id = table.intern("secret");
  const std::string_view view = table.view(id);
  table.erase(id);
  EXPECT_EQ(view, std::string_view("\0\0\0\0\0\0", 6));
  EXPECT_TRUE(table.view(id).empty());
}

}  // namespace
}  // namespace tulving::index
