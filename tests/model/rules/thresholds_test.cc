// What is promised: a threshold is its option, else its environment variable, else its default;
// what is malformed, out of 0..1 or crossed is refused, and the message says where each value came
// from. The environment is a map here, so that nothing else's variables matter.

#include "core/model/rules/thresholds.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <map>

namespace tulving::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

Result<Thresholds> resolve(const ThresholdOptions& options, const Variables& variables = {}) {
  return resolve_thresholds(options, [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

void expect_refused(const Result<Thresholds>& result, const std::string& field,
                    const std::vector<std::string>& says) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(result.error().field, field);
  for (const std::string& part : says) EXPECT_THAT(result.error().message, HasSubstr(part));
}

TEST(ThresholdValues, AreTheSpecifiedDefaults) {
  const auto resolved = resolve({});

  ASSERT_TRUE(resolved.has_value());
  EXPECT_EQ(*resolved, (Thresholds{.danger_zone_min = 0.15,
                                   .danger_zone_max = 0.35,
                                   .forget = 0.10,
                                   .promote = 0.65,
                                   .merge_cohesion = 0.75,
                                   .link_cohesion = 0.40,
                                   .auto_confidence = 0.90,
                                   .log_confidence = 0.70}));
}

struct Named {
  const char* name;
  const char* variable;
  double Thresholds::*value;
  double other;  // Legal beside the other defaults.
};
constexpr Named kNamed[] = {
    {"danger_zone_min", "CORTEXGRAPH_DANGER_ZONE_MIN", &Thresholds::danger_zone_min, 0.2},
    {"danger_zone_max", "CORTEXGRAPH_DANGER_ZONE_MAX", &Thresholds::danger_zone_max, 0.4},
    {"forget", "CORTEXGRAPH_FORGET_THRESHOLD", &Thresholds::forget, 0.05},
    {"promote", "CORTEXGRAPH_PROMOTE_THRESHOLD", &Thresholds::promote, 0.7},
    {"merge_cohesion", "CORTEXGRAPH_MERGE_COHESION", &Thresholds::merge_cohesion, 0.8},
    {"link_cohesion", "CORTEXGRAPH_LINK_COHESION", &Thresholds::link_cohesion, 0.5},
    {"auto_confidence", "CORTEXGRAPH_AUTO_CONFIDENCE", &Thresholds::auto_confidence, 0.95},
    {"log_confidence", "CORTEXGRAPH_LOG_CONFIDENCE", &Thresholds::log_confidence, 0.6},
};

TEST(ThresholdValues, ComeFromTheEnvironmentBeforeTheDefaultAndFromTheOptionBeforeBoth) {
  for (const auto& [name, variable, value, other] : kNamed) {
    SCOPED_TRACE(name);
    Thresholds expected;
    expected.*value = other;
    const Variables variables = {{variable, std::to_string(other)}};

    const auto from_environment = resolve({}, variables);
    ASSERT_TRUE(from_environment.has_value()) << from_environment.error().message;
    EXPECT_EQ(*from_environment, expected);

    ThresholdOptions options;
    ASSERT_TRUE(set_threshold(options, name, std::to_string(other)).has_value());
    for (const char* outdone : {"0.5", "nonsense"}) {  // An option's variable is not even read.
      const auto from_option = resolve(options, {{variable, outdone}});
      ASSERT_TRUE(from_option.has_value()) << from_option.error().message;
      EXPECT_EQ(*from_option, expected);
    }
  }
}

TEST(ThresholdValues, ThatAreMalformedAreRefusedByTheirVariable) {
  for (const char* text : {"", " ", "abc", "0.5x", "x0.5", " 0.5", "0.5 ", "0,5", "nan", "inf",
                           "-inf", "-0.1", "1.1", "1e300", "1e999", "0x1p-1", "+0.5", "--1"}) {
    SCOPED_TRACE(text);
    for (const auto& named : kNamed) {
      expect_refused(resolve({}, {{named.variable, text}}), named.name,
                     {named.name, named.variable, "0..1"});
    }
  }
}

TEST(ThresholdValues, OfTheOptionsAreChecked) {
  for (const double bad : {-0.1, 1.1, std::nan(""), std::numeric_limits<double>::infinity()}) {
    expect_refused(resolve({.promote = bad}), "promote", {"option", "0..1"});
  }
}

TEST(ThresholdValues, ThatAreCrossedAreRefusedWithTheirSources) {
  expect_refused(resolve({.forget = 0.2}), "forget",
                 {"forget is 0.2 (option)", "danger_zone_min is 0.15 (default)"});
  expect_refused(resolve({}, {{"CORTEXGRAPH_DANGER_ZONE_MIN", "0.5"}}), "danger_zone_min",
                 {"danger_zone_min is 0.5 (environment, CORTEXGRAPH_DANGER_ZONE_MIN)",
                  "danger_zone_max is 0.35 (default)"});
  expect_refused(resolve({.promote = 0.3}), "danger_zone_max", {"promote is 0.3 (option)"});
  expect_refused(resolve({.merge_cohesion = 0.4}), "link_cohesion", {"merge_cohesion is 0.4"});
  expect_refused(resolve({.log_confidence = 0.9}), "log_confidence", {"auto_confidence is 0.9"});
}

TEST(ThresholdValues, MayReachBothEndsOfTheRange) {
  const auto resolved =
      resolve({.forget = 0.0, .promote = 1.0, .link_cohesion = 0.0, .auto_confidence = 1.0});

  ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
  EXPECT_EQ(resolved->forget, 0.0);
  EXPECT_EQ(resolved->promote, 1.0);
}

TEST(SetThreshold, RefusesWhatItDoesNotKnow) {
  ThresholdOptions options;

  const auto unknown = set_threshold(options, "cohesion", "0.5");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message, AllOf(HasSubstr("cohesion"), HasSubstr("danger_zone_min")));
  EXPECT_FALSE(set_threshold(options, "", "0.5").has_value());
  EXPECT_FALSE(set_threshold(options, "promote", "much").has_value());
  EXPECT_FALSE(options.promote.has_value());
}

}  // namespace
}  // namespace tulving::model
