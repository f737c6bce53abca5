// A run's table, JSON and drawing say the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/ann_compare/report.h"

namespace tulving::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Report report() {
  Report report;
  report.data = "clustered, seed 42";
  report.rows = 1000;
  report.dim = 64;
  report.curves = {
      {"Tulving index", "int8", {{10, 0.95, {50, 60, 70}}, {100, 0.995, {100, 120, 140}}}},
      {"hnswlib f32", "stock", {{10, 0.90, {100, 110, 120}}, {100, 0.9995, {400, 410, 420}}}}};
  return report;
}

TEST(ReportTable, ComparesAtEqualRecall) {
  const std::string table = report_table(report());

  EXPECT_THAT(table, HasSubstr("| Tulving index | < 50.0, > 2.00 x | 50.0, "));
  EXPECT_THAT(table, HasSubstr("not reached |\n")) << "ours ends at 0.995";
  EXPECT_THAT(table, HasSubstr("| hnswlib f32 | 100 |"));
}

TEST(ReportJson, HasEveryPoint) {
  const auto json = nlohmann::json::parse(report_json(report()));

  EXPECT_EQ(json["n"], 1000);
  ASSERT_EQ(json["curves"].size(), 2U);
  EXPECT_EQ(json["curves"][1]["sweep"][1]["ef"], 100);
  EXPECT_EQ(json["curves"][1]["sweep"][1]["p99_us"], 420);
  EXPECT_EQ(json["curves"][0]["at_recall"].size(), 3U);
}

TEST(ReportSvg, DrawsEveryPointAndIsForDarkPagesToo) {
  const std::string svg = report_svg(report());

  EXPECT_THAT(svg, HasSubstr("<svg xmlns"));
  EXPECT_THAT(svg, HasSubstr("hnswlib f32 ef 100: recall 0.9995, 400 us"));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(svg, HasSubstr("recall@10"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(ReportSvg, OfNothingIsAPageWithoutCurves) {
  EXPECT_THAT(report_svg(Report{}), Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace tulving::bench
