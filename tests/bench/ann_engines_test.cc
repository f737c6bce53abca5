// Every engine of the comparison answers what it is asked: it finds the nearest rows, only allowed
// ones, and what was added.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/ann_compare/measure.h"

namespace tulving::bench {
namespace {

using ::testing::Contains;

const Dataset& dataset() {
  static const Dataset data =
      *make_dataset({.generator = "low", .n = 1500, .dim = 64, .query_count = 30});
  return data;
}

class AnnEngine : public ::testing::TestWithParam<EngineKind> {
 protected:
  Built built_ = build_engine(GetParam(), dataset(), 10, 2);
  Engine& engine_ = *built_.engine;
};

TEST_P(AnnEngine, FindsTheNearestRows) {
  // Codes of 8 bits, not ranked again, tell apart no better than that.
  EXPECT_GE(recall_of(engine_, dataset(), 200), 0.93);
}

TEST_P(AnnEngine, GivesOnlyAllowedRows) {
  if (!engine_.filters()) GTEST_SKIP() << "it has no filters";
  Allowed allowed;
  allowed.flags.assign(dataset().rows(), 0);
  for (std::uint32_t row = 0; row < dataset().rows(); row += 2) {
    allowed.rows.add(row);
    allowed.flags[row] = 1;
  }
  RowList found;
  engine_.search_filtered(dataset().queries[0], 10, 200, allowed, found);
  EXPECT_EQ(found.size(), 10U);
  for (const std::uint32_t row : found) EXPECT_EQ(row % 2, 0U);
}

TEST_P(AnnEngine, FindsWhatWasAdded) {
  if (!GetParam().adds) GTEST_SKIP() << "it does not add beside searches";
  const auto row = static_cast<std::uint32_t>(dataset().rows());
  engine_.add(row, dataset().queries[0]);

  RowList found;
  engine_.search(dataset().queries[0], 10, 200, found);
  EXPECT_THAT(found, Contains(row));
  engine_.settle();
  found.clear();
  engine_.search(dataset().queries[0], 10, 200, found);
  EXPECT_THAT(found, Contains(row));
}

TEST_P(AnnEngine, SaysHowItWasBuilt) {
  EXPECT_NE(engine_.name(), "");
  EXPECT_NE(engine_.build_note(), "");
}

INSTANTIATE_TEST_SUITE_P(All, AnnEngine, ::testing::ValuesIn(engine_kinds()),
                         [](const auto& tested) {
                           std::string name = tested.param.name;
                           std::erase(name, '-');
                           return name;
                         });

TEST(MeasureCurves, TimesEveryWidthAndStopsWhereNoMoreIsFound) {
  std::vector<Built> engines;
  engines.push_back(build_engine(engine_kinds().front(), dataset(), 0, 1));

  const auto curves = measure_curves(engines, dataset(), {.efforts = {}, .rounds = 2});

  ASSERT_EQ(curves.size(), 1U);
  ASSERT_FALSE(curves[0].points.empty());
  for (const Point& point : curves[0].points) {
    EXPECT_GT(point.latency.p50, 0);
    EXPECT_LE(point.latency.p50, point.latency.p99);
  }
  EXPECT_GE(curves[0].points.back().recall, 0.99);
}

}  // namespace
}  // namespace tulving::bench
