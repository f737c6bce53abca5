// What is promised: the rows of a (field, value) pair are exactly those added and not removed
// since, and a value without rows is forgotten. The oracle is a std::map of sets, fed the same
// calls.

#include "index/attributes/attribute_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace tulving::index {
namespace {

using testing::IsNull;
using testing::NotNull;
using testing::SizeIs;

std::set<std::uint32_t> rows_of(const Roaring* rows) {
  if (rows == nullptr) return {};
  return {rows->begin(), rows->end()};
}

// Many fields, so that a comparison which forgot the field would meet equal hash bits.
TEST(AttributeIndex, KeepsOneValueOfManyFieldsApart) {
  AttributeIndex index;
  for (std::uint16_t field = 0; field < 5000; ++field) index.add(field + 10'000U, field, "work");

  for (std::uint16_t field = 0; field < 5000; ++field) {
    ASSERT_EQ(rows_of(index.find(field, "work")), std::set<std::uint32_t>{field + 10'000U});
  }
  EXPECT_THAT(index.find(5000, "work"), IsNull());
}

TEST(AttributeIndex, TellsValuesApartByEveryByte) {
  AttributeIndex index;
  const std::string with_nul("a\0b", 3);
  index.add(1, 0, with_nul);
  index.add(2, 0, "a");
  index.add(3, 0, "");

  EXPECT_EQ(rows_of(index.find(0, with_nul)), std::set<std::uint32_t>{1});
  EXPECT_EQ(rows_of(index.find(0, "a")), std::set<std::uint32_t>{2});
  EXPECT_EQ(rows_of(index.find(0, "")), std::set<std::uint32_t>{3});
}

TEST(AttributeIndex, ForgetsAValueWithItsLastRow) {
  AttributeIndex index;
  index.add(7, 0, "once");
  index.add(8, 0, "once");
  index.remove(7, 0, "once");
  ASSERT_THAT(index.find(0, "once"), NotNull());

  index.remove(8, 0, "once");

  EXPECT_THAT(index.find(0, "once"), IsNull());
}

TEST(AttributeIndex, RemovingWhatIsNotThereChangesNothing) {
  AttributeIndex index;
  index.add(7, 0, "kept");

  index.remove(7, 0, "other");
  index.remove(7, 1, "kept");
  index.remove(8, 0, "kept");

  EXPECT_EQ(rows_of(index.find(0, "kept")), std::set<std::uint32_t>{7});
}

TEST(AttributeIndex, CountsTheBytesOfItsValues) {
  AttributeIndex index;
  const std::uint64_t empty = index.bytes();
  for (std::uint32_t row = 0; row < 1000; ++row)
    index.add(row, 0, std::string(100, 'x') + std::to_string(row));
  // 103 bytes of text a value at the least.
  EXPECT_GT(index.bytes(), empty + 103 * 1000);
}

TEST(AttributeIndex, AgreesWithAMapOfSetsOverRandomCalls) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    AttributeIndex index;
    std::map<std::pair<std::uint16_t, std::string>, std::set<std::uint32_t>> oracle;
    for (int step = 0; step < 20'000; ++step) {
      const auto field = static_cast<std::uint16_t>(random() % 3);
      const std::string value = std::to_string(random() % 50);
      // Rows on both sides of a bitmap's container bound.
      const auto row = static_cast<std::uint32_t>(65'500 + random() % 80);
      if (random() % 2 == 0) {
        index.add(row, field, value);
        oracle[{field, value}].insert(row);
      } else {
        index.remove(row, field, value);
        oracle[{field, value}].erase(row);
      }
    }
    std::size_t kept = 0;
    for (const auto& [key, rows] : oracle) {
      EXPECT_EQ(rows_of(index.find(key.first, key.second)), rows);
      kept += rows.size();
      if (rows.empty()) {
        EXPECT_THAT(index.find(key.first, key.second), IsNull());
      }
    }
    EXPECT_GT(kept, 1000U) << "the calls left next to nothing to compare";
  }
}

// Values that stay, that take turns, that come twice in a row of the index, and rows left out.
TEST(AttributeIndex, ThatWasFilledIsAsOneThatWasAddedTo) {
  std::mt19937 random(11);
  AttributeIndex filled, added;
  AttributeIndex::Filler filler(filled);
  std::set<std::pair<std::uint16_t, std::string>> keys;
  for (std::uint32_t row = 0; row < 3000; ++row) {
    if (random() % 20 == 0) continue;
    for (const std::uint16_t field : std::array<std::uint16_t, 6>{0, 1, 7, 127, 128, 5000}) {
      for (std::uint32_t twice = random() % 9 == 0 ? 2 : 1; twice > 0; --twice) {
        const std::string value = std::to_string(random() % (1U + field) / 40 + row / 1000);
        filler.add(row, field, value);
        added.add(row, field, value);
        keys.emplace(field, value);
        if (random() % 9 > 0) continue;
        filler.add(row, field, value);
      }
    }
  }
  EXPECT_THAT(filled.find(0, "0"), IsNull());
  filler.finish();
  EXPECT_EQ(filled.entries(), added.entries());
  for (const auto& [field, value] : keys) {
    ASSERT_EQ(rows_of(filled.find(field, value)), rows_of(added.find(field, value))) << value;
  }
}

}  // namespace
}  // namespace tulving::index
