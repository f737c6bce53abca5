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

// Short strings lie elsewhere than long ones: every length on both sides of the border, and bytes
// that differ in one place alone, or in their number alone.
TEST(StringTable, TellsStringsOfEveryLengthApart) {
  StringTable table;
  std::map<std::string, std::uint32_t> model;
  for (std::size_t length = 1; length <= 40; ++length) {
    const std::string zeros(length, '\0');
    model[zeros] = table.intern(zeros);
    for (std::size_t place = 0; place < length; ++place) {
      for (const char byte : {'\1', 'a', '\xFF'}) {
        std::string string = zeros;
        string[place] = byte;
        EXPECT_EQ(table.find(string), StringTable::kNone) << length << " bytes, place " << place;
        model[string] = table.intern(string);
      }
    }
  }
  EXPECT_EQ(table.size(), model.size());
  EXPECT_EQ(table.find(""), StringTable::kNone);
  for (const auto& [string, id] : model) {
    ASSERT_EQ(table.find(string), id) << string.size() << " bytes";
    ASSERT_EQ(table.view(id), string);
  }
  for (const auto& [string, id] : model) {
    table.erase(id);
    ASSERT_EQ(table.find(string), StringTable::kNone);
  }
  EXPECT_EQ(table.size(), 0U);
}

TEST(StringTable, ClosesTheGapsOfLongStrings) {
  StringTable table;
  const std::string kept_string = "kept, and longer than a slot";
  const std::uint32_t kept = table.intern(kept_string);
  for (int i = 0; i < 20'000; ++i) {
    table.erase(table.intern("passing by, and longer than a slot " + std::to_string(i)));
  }
  EXPECT_EQ(table.view(kept), kept_string);
  EXPECT_EQ(table.find(kept_string), kept);
  EXPECT_LT(table.bytes(), 100'000U) << "0.8 MB of strings have passed";
}

TEST(StringTable, OverwritesWhatIsErased) {
  StringTable table;
  const std::uint32_t id = table.intern("secret");
  const std::string_view view = table.view(id);
  table.erase(id);
  EXPECT_EQ(view, std::string_view("\0\0\0\0\0\0", 6));
  EXPECT_TRUE(table.view(id).empty());

  const std::string long_secret = "a secret of more than fifteen bytes";
  const std::uint32_t long_id = table.intern(long_secret);
  const std::string_view long_view = table.view(long_id);
  table.erase(long_id);
  EXPECT_EQ(long_view, std::string(long_secret.size(), '\0'));
}

}  // namespace
}  // namespace tulving::index
