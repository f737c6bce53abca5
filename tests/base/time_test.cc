// Times are read and written by RFC 3339, to the microsecond, within the years 1 to 9999. The
// oracle is the C library's timegm() and strftime(), which share no code with ours.

#include "tulving/time.h"

#include <gmock/gmock.h>

#include <ctime>
#include <random>

namespace tulving {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;

std::int64_t micros(std::string_view text) {
  const auto time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time ? time->time_since_epoch().count() : 0;
}

std::int64_t oracle_micros(int year, int month, int day, int hour, int minute, int second) {
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  return timegm(&parts) * 1'000'000;
}

TEST(ParseTime, ReadsEachFormThatRfc3339Allows) {
  const std::int64_t morning = oracle_micros(2026, 3, 1, 9, 30, 0);

  EXPECT_EQ(micros("2026-03-01T09:30:00Z"), morning);
  EXPECT_EQ(micros("2026-03-01t09:30:00z"), morning);
  EXPECT_EQ(micros("2026-03-01 09:30:00Z"), morning);
  EXPECT_EQ(micros("2026-03-01T09:30:00+00:00"), morning);
  EXPECT_EQ(micros("2026-03-01T09:30:00-00:00"), morning);
  EXPECT_EQ(micros("2026-03-01T15:00:00+05:30"), morning);
  EXPECT_EQ(micros("2026-02-28T23:30:00-10:00"), morning);
  EXPECT_EQ(micros("2026-03-01T09:30:00.25Z"), morning + 250'000);
  EXPECT_EQ(micros("2026-03-01T09:30:00.000001Z"), morning + 1);
  EXPECT_EQ(micros("2026-03-01"), oracle_micros(2026, 3, 1, 0, 0, 0));
}

TEST(ParseTime, ReadsWhatOtherSystemsWriteAndIsAsClear) {
  const std::int64_t morning = oracle_micros(2026, 3, 1, 9, 30, 0);

  EXPECT_EQ(micros("2026-03-01T09:30Z"), morning);
  EXPECT_EQ(micros("2026-03-01T15:00:00+0530"), morning);
  EXPECT_EQ(micros("2026-03-01T14:30:00+05"), morning);
  EXPECT_EQ(micros("2026-03-01 09:30:00.5+00"), morning + 500'000);
  EXPECT_EQ(micros("2026-03-01T10:23:28+00:53:28"), morning);
  EXPECT_EQ(micros("2026-03-01T04:30:00.123456789-05:00"), morning + 123'456);
}

struct NoTime {
  const char* text;
  const char* advice;
};

TEST(ParseTime, SaysWhatToDoAboutWhatOthersWrite) {
  for (const auto& [text, advice] : {
           NoTime{"2026-05-01T10:00:00", "names no zone"},
           NoTime{"2026-05-01T10:00", "names no zone"},
           NoTime{"1777629600", "\"2026-05-01T10:00:00Z\""},
           NoTime{"1777629600.5", "\"2026-05-01T10:00:00Z\""},
           NoTime{"1777629600123", "\"2026-05-01T10:00:00.123Z\""},
           NoTime{"1777629600123456", "\"2026-05-01T10:00:00.123456Z\""},
           NoTime{"1777629600123456789", "\"2026-05-01T10:00:00.123456Z\""},
           NoTime{"2016-12-31T23:59:60Z", "leap second"},
           NoTime{"2026-05-01T24:00:00Z", "00:00:00 of the next"},
           NoTime{"2026-05-01T10:00:00[Europe/Berlin]", "offset"},
           NoTime{"2026-05-01T10:00:00+02:00[Europe/Berlin]", "offset"},
           NoTime{"infinity", "left out"},
           NoTime{"", "leave"},
           NoTime{"Fri, 01 May 2026 10:00:00 GMT", "such as 2026-03-01T09:30:00Z"},
           NoTime{"1:56 pm on 8 May, 2023", "such as 2026-03-01T09:30:00Z"},
           NoTime{"0044-03-15 BC", "such as 2026-03-01T09:30:00Z"},
       }) {
    const auto time = parse_time(text);

    ASSERT_FALSE(time) << text;
    EXPECT_THAT(time.error().message, HasSubstr(advice));
    EXPECT_THAT(time.error().message, HasSubstr("RFC 3339"));
  }
}

TEST(ParseTime, CutsWhatIsFinerThanAMicrosecond) {
  EXPECT_EQ(micros("1970-01-01T00:00:00.123456999Z"), 123'456);
  EXPECT_EQ(micros("1969-12-31T23:59:59.999999999Z"), -1);
}

TEST(ParseTime, KnowsTheLengthsOfMonths) {
  EXPECT_TRUE(parse_time("2024-02-29"));
  EXPECT_TRUE(parse_time("2000-02-29"));
  EXPECT_FALSE(parse_time("2023-02-29"));
  EXPECT_FALSE(parse_time("1900-02-29"));
  EXPECT_FALSE(parse_time("2026-04-31"));
}

TEST(ParseTime, RefusesWhatIsNoRfc3339Time) {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-03",
                           "2026-3-1",
                           "2026-03-01T",
                           "2026-03-01T09",
                           "2026-03-01T09:30",
                           "2026-03-01T09:30:00",
                           "2026-03-01T09:30:00.Z",
                           "2026-03-01T24:00:00Z",
                           "2026-03-01T09:60:00Z",
                           "2026-03-01T09:30:60Z",
                           "2026-03-01T09:30:61Z",
                           "2026-13-01",
                           "2026-00-01",
                           "2026-01-00",
                           "2026-01-32",
                           "2026-03-01T09:30:00+24:00",
                           "2026-03-01T09:30:00+05:60",
                           "2026-03-01T09:30:00Z ",
                           " 2026-03-01",
                           "2026-03-01X09:30:00Z",
                           "+2026-03-01",
                           "-026-03-01",
                           "20260301T093000Z",
                           "2026-03-01T09:30:00,5Z",
                           "2026-03-01T-9:30:00Z"}) {
    const auto time = parse_time(text);

    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(time.error().message, HasSubstr("RFC 3339"));
  }
}

TEST(ParseTime, EndsAtTheYears1And9999InUtc) {
  EXPECT_EQ(format_time(*parse_time("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_time(*parse_time("9999-12-31T23:59:59.999999Z")), "9999-12-31T23:59:59.999999Z");
  EXPECT_FALSE(parse_time("0000-12-31"));
  EXPECT_FALSE(parse_time("10000-01-01"));
  EXPECT_FALSE(parse_time("0001-01-01T00:00:00+00:01"));
  EXPECT_FALSE(parse_time("9999-12-31T23:59:59-00:01"));
}

TEST(FormatTime, WritesAFractionOnlyWhereThereIsOne) {
  EXPECT_EQ(format_time(Timestamp(microseconds(0))), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(Timestamp(microseconds(1))), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_time(Timestamp(microseconds(-1))), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(Timestamp(microseconds(500'000))), "1970-01-01T00:00:00.5Z");
}

TEST(FormatTime, ShowsATimeOutsideTheYearsWithoutBreaking) {
  EXPECT_EQ(format_time(Timestamp::max()), "9223372036854775807 us since 1970");
  EXPECT_EQ(format_time(Timestamp::min()), "-9223372036854775808 us since 1970");
}

TEST(FormatTime, IsReadBackAsTheSameTimeAndAgreesWithTheCLibrary) {
  constexpr unsigned kSeed = 17;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::uniform_int_distribution<std::int64_t> any(oracle_micros(1, 1, 1, 0, 0, 0),
                                                  oracle_micros(10000, 1, 1, 0, 0, 0) - 1);
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp time{microseconds(any(random))};

    const std::string text = format_time(time);

    ASSERT_EQ(micros(text), time.time_since_epoch().count()) << text;
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    char oracle[64];
    std::tm parts{};
    std::strftime(oracle, sizeof oracle, "-%m-%dT%H:%M:%S", gmtime_r(&seconds, &parts));
    ASSERT_EQ(std::stoi(text), parts.tm_year + 1900) << text;
    ASSERT_EQ(text.substr(4, 15), oracle) << text;
  }
}

TEST(SystemNow, IsTheCLibrarysTime) {
  const std::time_t before = std::time(nullptr);
  const auto now =
      std::chrono::floor<std::chrono::seconds>(system_now()).time_since_epoch().count();
  const std::time_t after = std::time(nullptr);

  // std::time() reads the coarse clock, up to one tick behind.
  EXPECT_GE(now, before);
  EXPECT_LE(now, after + 1);
}

}  // namespace
}  // namespace tulving
