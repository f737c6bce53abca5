// A time that names no zone is one of the zone it is said to be in, summer time included. The
// oracle is what the C library's clocks show at a moment: that text, read back, is the moment
// again, or the first of the two that show it.

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <random>

#include "tulving/time.h"

namespace tulving {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

/// Sets the system's zone for a test.
class LocalZone {
 public:
  explicit LocalZone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~LocalZone() {
    unsetenv("TZ");
    tzset();
  }
};

const TimeZone kLocal{.is_local = true};

std::string shown(std::time_t moment) {
  std::tm parts{};
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", localtime_r(&moment, &parts));
  return text;
}

std::string utc(std::string_view text, const TimeZone& zone) {
  const auto time = parse_time(text, zone);
  EXPECT_TRUE(time) << text << ": " << (time ? "" : time.error().message);
  return time ? format_time(*time) : "";
}

TEST(ParseTimeZone, ReadsUtcLocalAndOffsets) {
  EXPECT_EQ(parse_time_zone("UTC").value(), TimeZone{});
  EXPECT_EQ(parse_time_zone("local").value(), kLocal);
  EXPECT_EQ(parse_time_zone("+02:00").value(), TimeZone{.offset = minutes(120)});
  EXPECT_EQ(parse_time_zone("-09:30").value(), TimeZone{.offset = minutes(-570)});
  for (const char* text : {"", "CET", "Europe/Berlin", "2", "+2", "+02", "+0200", "+24:00",
                           "+02:60", "+02:0x", " UTC", "02:00", "+02:00 "}) {
    const auto zone = parse_time_zone(text);

    ASSERT_FALSE(zone) << text;
    EXPECT_EQ(zone.error().field, "zone");
    EXPECT_THAT(zone.error().message, HasSubstr("UTC, local or an offset"));
  }
}

TEST(Zone, IsThatOfTimesThatNameNone) {
  const TimeZone east{.offset = minutes(120)};

  EXPECT_EQ(utc("2026-05-01T10:00:00", east), "2026-05-01T08:00:00Z");
  EXPECT_EQ(utc("2026-05-01T10:00:00.123456", east), "2026-05-01T08:00:00.123456Z");
  EXPECT_EQ(utc("2026-05-01", east), "2026-04-30T22:00:00Z");
  EXPECT_EQ(utc("2026-05-01T10:00:00Z", east), "2026-05-01T10:00:00Z");
  EXPECT_EQ(utc("2026-05-01T10:00:00-05:00", east), "2026-05-01T15:00:00Z");
  EXPECT_EQ(utc("2026-05-01T10:00:00", {}), "2026-05-01T10:00:00Z");
  EXPECT_FALSE(parse_time("0001-01-01T00:00:00", east));
  EXPECT_FALSE(parse_time("9999-12-31T23:59:59", TimeZone{.offset = minutes(-60)}));
}

TEST(Zone, LocalKnowsSummerTime) {
  const LocalZone berlin("Europe/Berlin");

  EXPECT_EQ(utc("2026-01-15T12:00:00", kLocal), "2026-01-15T11:00:00Z");
  EXPECT_EQ(utc("2026-07-15T12:00:00.5", kLocal), "2026-07-15T10:00:00.5Z");
  EXPECT_EQ(utc("2026-07-15", kLocal), "2026-07-14T22:00:00Z");
  EXPECT_EQ(utc("2026-10-25T02:30:00", kLocal), "2026-10-25T00:30:00Z") << "the first of the two";
  const auto left_out = parse_time("2026-03-29T02:30:00", kLocal);
  ASSERT_FALSE(left_out);
  EXPECT_THAT(left_out.error().message, HasSubstr("clocks went forward"));
}

TEST(Zone, ADayWithoutAMidnightBeginsWhenTheClocksWereSet) {
  const LocalZone sao_paulo("America/Sao_Paulo");  // 2018-11-04 began at 01:00.

  EXPECT_EQ(utc("2018-11-04", kLocal), "2018-11-04T03:00:00Z");
  EXPECT_FALSE(parse_time("2018-11-04T00:00:00", kLocal));
}

TEST(Zone, WhatLocalClocksShowIsReadAsTheirMoment) {
  constexpr unsigned kSeed = 23;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  // Years 1900 to 2100: half an hour's summer time, days left out, zones that moved for good.
  std::uniform_int_distribution<std::time_t> any(-2'208'988'800, 4'102'444'800);
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                           "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia", "Asia/Pyongyang"}) {
    const LocalZone zone(name);
    for (int i = 0; i < 3000; ++i) {
      const std::time_t moment = any(random);
      const std::string text = shown(moment);

      const auto time = parse_time(text, kLocal);

      ASSERT_TRUE(time) << name << " " << text << ": " << time.error().message;
      const std::time_t read =
          std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
      ASSERT_LE(read, moment) << name << " " << text;
      ASSERT_EQ(shown(read), text) << name;
      ASSERT_GT(read + 4 * 3600, moment) << name << " " << text;
    }
  }
}

}  // namespace
}  // namespace tulving
