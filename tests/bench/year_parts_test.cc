// The bar, and the process of its own that each part of a run has.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "bench/year/process.h"
#include "bench/year/progress.h"
#include "bench/year/report.h"

namespace tulving::bench {
namespace {

using nlohmann::json;

TEST(YearProgress, SaysHowFarAndHowLongStill) {
  EXPECT_EQ(progress_line("fill", 1'500'000, 3'000'000, 10'000),
            "fill  [############............]  1,500,000 of 3,000,000  50 %  10,000 rows/s  2:30 "
            "left");
  EXPECT_EQ(progress_line("fill", 0, 10'000'000, 1000),
            "fill  [........................]  0 of 10,000,000  0 %  1,000 rows/s  2:46:40 left");
}

TEST(YearProgress, KnowsNoTimeBeforeItHasARateAndEndsWhereThereIsNothing) {
  EXPECT_THAT(progress_line("fill", 0, 10, 0), testing::EndsWith("? left"));
  EXPECT_THAT(progress_line("index", 0, 0, 0), testing::HasSubstr("100 %"));
}

TEST(YearProcess, ReturnsWhatTheWorkFoundInAnotherProcess) {
  const pid_t here = getpid();
  const Figures found = run_apart([&] { return json{{"apart", getpid() != here}}; });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, json({{"apart", true}}));
}

TEST(YearProcess, ReturnsNothingOfWorkThatFailedOrWasKilled) {
  EXPECT_FALSE(run_apart([] { return Figures(); }).has_value());
  EXPECT_FALSE(run_apart([] {
                 raise(SIGKILL);
                 return Figures(json::object());
               }).has_value());
}

TEST(YearProcess, TellsResidentMemory) {
  const ProcessMemory memory = process_memory();
  EXPECT_GT(memory.anonymous, 0U);
  EXPECT_GE(memory.resident, memory.anonymous);
  EXPECT_GE(memory.highest, memory.resident);
}

TEST(YearReport, WhatATinyTenantTakesIsWhatRssGrewBy) {
  json figures;
  figures["base"]["memory_opened"] = {{"resident", 5000}, {"anonymous", 4000}};
  figures["measured"]["memory_opened"] = {{"resident", 9000}, {"anonymous", 7000}};
  figures["measured"]["stats"]["parts"]["tiny"] = {{"tenants", 4}};
  const json grown = per_tenant_figures(figures);
  EXPECT_EQ(grown.at("resident_per_tenant").get<double>(), 1000);
  EXPECT_EQ(grown.at("anonymous_per_tenant").get<double>(), 750);
  figures.erase("base");
  EXPECT_TRUE(per_tenant_figures(figures).is_null());
}

}  // namespace
}  // namespace tulving::bench
