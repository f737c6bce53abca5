// Between measured points a latency is read off where the recall would be; beyond them it is not
// made up.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bench/ann_compare/curve.h"

namespace tulving::bench {
namespace {

using tools::Percentiles;

Curve curve_of(std::vector<std::pair<double, double>> recall_and_p50) {
  Curve curve;
  std::uint32_t effort = 10;
  for (const auto& [recall, p50] : recall_and_p50) {
    curve.points.push_back({.effort = effort, .recall = recall, .latency = {p50, p50, p50}});
    effort *= 2;
  }
  return curve;
}

TEST(Percentiles, AreLatenciesThatDidOccur) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);

  const Percentiles found = tools::percentiles(values);

  EXPECT_EQ(found.p50, 50);
  EXPECT_EQ(found.p95, 95);
  EXPECT_EQ(found.p99, 99);
  EXPECT_EQ(tools::percentiles({}).p99, 0);
  EXPECT_EQ(tools::percentiles({7}).p50, 7);
}

TEST(Median, IsTheMiddleOne) {
  EXPECT_EQ(median({5, 1, 9}), 5);
  EXPECT_EQ(median({1, 2, 4, 100}), 3);
  EXPECT_EQ(median({}), 0);
}

TEST(MedianOfRounds, OneNoisyRoundDoesNotCount) {
  const Percentiles found =
      median_of_rounds({{10, 20, 30}, {11, 21, 31}, {500, 6000, 70000}, {9, 19, 29}, {10, 20, 30}});

  EXPECT_EQ(found.p50, 10);
  EXPECT_EQ(found.p95, 20);
  EXPECT_EQ(found.p99, 30);
}

TEST(Nines, AreOneApartForTenTimesFewerMisses) {
  EXPECT_NEAR(nines(0.9), 1, 1e-9);
  EXPECT_NEAR(nines(0.999), 3, 1e-9);
  EXPECT_LT(nines(1), 4.4) << "a perfect recall has its place on the axis";
}

TEST(LatencyAt, AMeasuredPointIsItself) {
  const Curve curve = curve_of({{0.8, 100}, {0.9, 200}, {0.99, 400}});

  const auto at = latency_at(curve, 0.9, &Percentiles::p50);

  ASSERT_TRUE(at.has_value());
  EXPECT_NEAR(at->microseconds, 200, 1e-6);
  EXPECT_FALSE(at->at_least);
}

TEST(LatencyAt, HalfWayInMissesIsHalfWayInTheLogarithm) {
  const Curve curve = curve_of({{0.9, 100}, {0.99, 400}});

  const auto at = latency_at(curve, 1 - std::pow(10, -1.5), &Percentiles::p50);

  ASSERT_TRUE(at.has_value());
  EXPECT_NEAR(at->microseconds, 200, 1e-6);
}

TEST(LatencyAt, BelowTheCurveItsFastestPointIsMarked) {
  const auto at = latency_at(curve_of({{0.97, 50}, {0.99, 80}}), 0.9, &Percentiles::p50);

  ASSERT_TRUE(at.has_value());
  EXPECT_EQ(at->microseconds, 50);
  EXPECT_TRUE(at->at_least);
}

TEST(LatencyAt, AboveTheCurveThereIsNone) {
  EXPECT_FALSE(latency_at(curve_of({{0.9, 50}, {0.95, 80}}), 0.99, &Percentiles::p50));
  EXPECT_FALSE(latency_at(Curve{}, 0.9, &Percentiles::p50));
}

}  // namespace
}  // namespace tulving::bench
