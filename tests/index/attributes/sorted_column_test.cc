// What is promised: every question is answered from the rows' present numbers, whatever they were
// before. The oracle is a std::map from row to number, searched by brute force. Random calls come
// in several mixes, since the column takes other ways when numbers come in order, when rows change
// often and when most are erased.

#include "index/attributes/sorted_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tulving::index {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();

std::vector<std::uint32_t> rows_of(const Roaring& rows) { return {rows.begin(), rows.end()}; }

class Oracle {
 public:
  void set(std::uint32_t row, std::int64_t value) { values_[row] = value; }
  void erase(std::uint32_t row) { values_.erase(row); }

  [[nodiscard]] std::optional<std::int64_t> get(std::uint32_t row) const {
    const auto found = values_.find(row);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::vector<std::uint32_t> range(std::int64_t low, std::int64_t high) const {
    std::vector<std::uint32_t> rows;
    for (const auto& [row, value] : values_) {
      if (low <= value && value <= high) rows.push_back(row);
    }
    return rows;
  }
  [[nodiscard]] bool any_up_to(std::int64_t high) const { return !range(kLowest, high).empty(); }
  [[nodiscard]] std::vector<std::uint32_t> greatest(std::size_t k, const Roaring* allowed) const {
    std::vector<std::uint32_t> rows;
    for (const auto& [row, value] : values_) {
      if (allowed == nullptr || allowed->contains(row)) rows.push_back(row);
    }
    std::stable_sort(rows.begin(), rows.end(), [this](std::uint32_t a, std::uint32_t b) {
      return values_.at(a) > values_.at(b);
    });
    rows.resize(std::min(k, rows.size()));
    return rows;
  }

 private:
  std::map<std::uint32_t, std::int64_t> values_;
};

TEST(SortedColumn, AnswersNothingWhenEmpty) {
  const SortedColumn column;
  EXPECT_EQ(column.get(0), std::nullopt);
  EXPECT_THAT(rows_of(column.range(kLowest, kGreatest)), IsEmpty());
  EXPECT_FALSE(column.any_up_to(kGreatest));
  EXPECT_THAT(column.greatest(10, nullptr), IsEmpty());
}

TEST(SortedColumn, IncludesBothBoundsOfARange) {
  SortedColumn column;
  for (std::uint32_t row = 0; row < 10; ++row) column.set(row, row * 10);
  EXPECT_THAT(rows_of(column.range(30, 50)), ElementsAre(3, 4, 5));
  EXPECT_THAT(rows_of(column.range(31, 49)), ElementsAre(4));
  EXPECT_THAT(rows_of(column.range(50, 30)), IsEmpty());
}

TEST(SortedColumn, HoldsTheExtremeNumbers) {
  SortedColumn column;
  column.set(1, kLowest);
  column.set(2, kGreatest);
  EXPECT_THAT(rows_of(column.range(kLowest, kLowest)), ElementsAre(1));
  EXPECT_THAT(rows_of(column.range(kGreatest, kGreatest)), ElementsAre(2));
  EXPECT_TRUE(column.any_up_to(kLowest));
  EXPECT_THAT(column.greatest(1, nullptr), ElementsAre(2));
}

TEST(SortedColumn, ForgetsWhatARowWasBefore) {
  SortedColumn column;
  column.set(1, 10);
  column.set(1, 20);
  EXPECT_THAT(rows_of(column.range(10, 10)), IsEmpty());
  EXPECT_FALSE(column.any_up_to(19));
  EXPECT_EQ(column.get(1), 20);
}

TEST(SortedColumn, ListsARowOnceThatWentBackToAnEarlierNumber) {
  SortedColumn column;
  for (std::uint32_t row = 0; row < 4; ++row) column.set(row, row);
  column.set(3, 0);
  column.set(3, 3);
  EXPECT_THAT(column.greatest(4, nullptr), ElementsAre(3, 2, 1, 0));
}

TEST(SortedColumn, OrdersEqualNumbersByRow) {
  SortedColumn column;
  for (const std::uint32_t row : {5U, 1U, 4U, 2U, 3U}) column.set(row, 7);
  EXPECT_THAT(column.greatest(3, nullptr), ElementsAre(1, 2, 3));
}

TEST(SortedColumn, FindsTheGreatestOfAFewOldRows) {
  SortedColumn column;
  for (std::uint32_t row = 0; row < 10'000; ++row) column.set(row, row);
  const Roaring allowed = Roaring::bitmapOf(3, 5U, 9U, 70'000U);
  EXPECT_THAT(column.greatest(3, &allowed), ElementsAre(9, 5));
}

// A row touched again and again must not make the column grow.
TEST(SortedColumn, StaysSmallWhenRowsChangeForEver) {
  SortedColumn column;
  for (std::int64_t time = 0; time < 1'000'000; ++time) {
    column.set(static_cast<std::uint32_t>(time % 1000), time);
  }
  // 1000 live entries, as many stale ones at most, a vector's reserve of as much again: 64 KB, + 8.
  EXPECT_LT(column.bytes(), 100'000U);
}

struct Mix {
  const char* name;
  std::uint32_t rows;
  std::int64_t values;
  unsigned erase_percent;
  bool in_order;
};

std::ostream& operator<<(std::ostream& out, const Mix& mix) { return out << mix.name; }

class SortedColumnOfRandomCalls : public testing::TestWithParam<Mix> {};

void expect_equal(const SortedColumn& column, const Oracle& oracle, const Mix& mix,
                  std::mt19937& random) {
  const auto row = static_cast<std::uint32_t>(random() % (mix.rows + 5));
  EXPECT_EQ(column.get(row), oracle.get(row));
  const auto number = [&] { return static_cast<std::int64_t>(random()) % mix.values; };
  const std::int64_t low = number();
  // Narrow and wide ranges are collected in different ways.
  const std::int64_t high = low + (random() % 2 == 0 ? mix.values / 50 : mix.values / 2);
  EXPECT_EQ(rows_of(column.range(low, high)), oracle.range(low, high));
  EXPECT_EQ(column.any_up_to(low), oracle.any_up_to(low));
  EXPECT_EQ(column.any_up_to(0), oracle.any_up_to(0));

  const std::size_t k = random() % 20;
  EXPECT_EQ(column.greatest(k, nullptr), oracle.greatest(k, nullptr));
  Roaring allowed;
  for (auto i = random() % mix.rows; i > 0; --i) {
    allowed.add(static_cast<std::uint32_t>(random() % mix.rows));
  }
  EXPECT_EQ(column.greatest(k, &allowed), oracle.greatest(k, &allowed));
}

TEST_P(SortedColumnOfRandomCalls, AgreesWithAMap) {
  const Mix& mix = GetParam();
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    SortedColumn column;
    Oracle oracle;
    for (std::int64_t step = 0; step < 10'000; ++step) {
      const auto row = static_cast<std::uint32_t>(random() % mix.rows);
      if (random() % 100 < mix.erase_percent) {
        column.erase(row);
        oracle.erase(row);
      } else {
        const auto any = static_cast<std::int64_t>(random()) % mix.values;
        const std::int64_t value = mix.in_order ? step * mix.values / 10'000 : any;
        column.set(row, value);
        oracle.set(row, value);
      }
      if (step % 100 == 0) expect_equal(column, oracle, mix, random);
      if (HasFailure()) return;
    }
  }
}

TEST_P(SortedColumnOfRandomCalls, AgreesWithAMapAfterItWasLoaded) {
  const Mix& mix = GetParam();
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    SortedColumn column;
    Oracle oracle;
    column.reserve(mix.rows);
    for (std::uint32_t row = 0; row < mix.rows; ++row) {
      if (random() % 100 < mix.erase_percent) continue;
      const auto any = static_cast<std::int64_t>(random()) % mix.values;
      const std::int64_t value = mix.in_order ? row / 3 * 1000 : any;
      column.load(row, value);
      oracle.set(row, value);
    }
    column.end_loading();
    for (int step = 0; step < 300; ++step) {
      expect_equal(column, oracle, mix, random);
      if (HasFailure()) return;
      const auto row = static_cast<std::uint32_t>(random() % mix.rows);
      const auto value = static_cast<std::int64_t>(random()) % mix.values;
      column.set(row, value);
      oracle.set(row, value);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Mixes, SortedColumnOfRandomCalls,
                         testing::Values(Mix{"ManyRowsFewChanges", 3000, 1'000'000, 0, false},
                                         Mix{"FewRowsManyChanges", 50, 1'000'000, 10, false},
                                         Mix{"FewNumbers", 300, 4, 20, false},
                                         Mix{"TimesInOrder", 500, 1'000'000, 5, true},
                                         Mix{"MostlyErased", 2000, 1000, 60, false}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace tulving::index
