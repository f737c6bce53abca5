#include "core/model/rules/thresholds.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "core/model/rules/checker.h"

namespace tulving {
namespace {

struct Threshold {
  const char* name;
  const char* variable;
  double Thresholds::*value;
  std::optional<double> ThresholdOptions::*option;
};

constexpr std::array<Threshold, 8> kThresholds = {{
    {"danger_zone_min", "CORTEXGRAPH_DANGER_ZONE_MIN", &Thresholds::danger_zone_min,
     &ThresholdOptions::danger_zone_min},
    {"danger_zone_max", "CORTEXGRAPH_DANGER_ZONE_MAX", &Thresholds::danger_zone_max,
     &ThresholdOptions::danger_zone_max},
    {"forget", "CORTEXGRAPH_FORGET_THRESHOLD", &Thresholds::forget, &ThresholdOptions::forget},
    {"promote", "CORTEXGRAPH_PROMOTE_THRESHOLD", &Thresholds::promote, &ThresholdOptions::promote},
    {"merge_cohesion", "CORTEXGRAPH_MERGE_COHESION", &Thresholds::merge_cohesion,
     &ThresholdOptions::merge_cohesion},
    {"link_cohesion", "CORTEXGRAPH_LINK_COHESION", &Thresholds::link_cohesion,
     &ThresholdOptions::link_cohesion},
    {"auto_confidence", "CORTEXGRAPH_AUTO_CONFIDENCE", &Thresholds::auto_confidence,
     &ThresholdOptions::auto_confidence},
    {"log_confidence", "CORTEXGRAPH_LOG_CONFIDENCE", &Thresholds::log_confidence,
     &ThresholdOptions::log_confidence},
}};

// Pairs of kThresholds that must rise, by place.
struct Rising {
  std::size_t lower;
  std::size_t upper;
};
constexpr std::array<Rising, 5> kRising = {{{2, 0}, {0, 1}, {1, 3}, {5, 4}, {7, 6}}};

Error refusal(const Threshold& threshold, std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), threshold.name};
}

Error out_of_range(const Threshold& threshold, std::string_view value, std::string_view source) {
  return refusal(threshold, fmt::format("{} is {} ({}); must be a number in 0..1", threshold.name,
                                        value, source));
}

// Not NaN, which no comparison lets through.
bool is_valid(double value) { return value >= 0 && value <= 1; }

// The whole text as a decimal number; from_chars takes "nan" and "inf", which is_valid() refuses.
std::optional<double> parse(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return is_valid(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

Status set_threshold(ThresholdOptions& options, std::string_view name, std::string_view value) {
  for (const Threshold& threshold : kThresholds) {
    if (threshold.name != name) continue;
    const auto number = parse(value);
    if (!number) return out_of_range(threshold, model::in_quotes(value), "option");
    options.*threshold.option = number;
    return {};
  }
  std::string names;
  for (const Threshold& threshold : kThresholds) {
    names.append(names.empty() ? "" : ", ").append(threshold.name);
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("there is no threshold {}; there are {}", model::in_quotes(name), names),
               "thresholds"};
}

namespace model {

std::optional<std::string> process_environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read while a store is opened, by its caller's thread.
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<Thresholds> resolve_thresholds(const ThresholdOptions& options,
                                      const Environment& environment) {
  Thresholds resolved;
  std::array<std::string, kThresholds.size()> sources;
  for (std::size_t i = 0; i < kThresholds.size(); ++i) {
    const Threshold& threshold = kThresholds[i];
    sources[i] = "default";
    if (const auto option = options.*threshold.option) {
      sources[i] = "option";
      if (!is_valid(*option)) return out_of_range(threshold, fmt::to_string(*option), sources[i]);
      resolved.*threshold.value = *option;
    } else if (const auto text = environment(threshold.variable)) {
      sources[i] = fmt::format("environment, {}", threshold.variable);
      const auto value = parse(*text);
      if (!value) return out_of_range(threshold, in_quotes(*text), sources[i]);
      resolved.*threshold.value = *value;
    }
  }
  for (const auto& [lower, upper] : kRising) {
    const double low = resolved.*kThresholds[lower].value;
    const double high = resolved.*kThresholds[upper].value;
    if (low < high) continue;
    return refusal(kThresholds[lower],
                   fmt::format("{} is {} ({}) and {} is {} ({}); the first must be less",
                               kThresholds[lower].name, low, sources[lower],
                               kThresholds[upper].name, high, sources[upper]));
  }
  return resolved;
}

}  // namespace model
}  // namespace tulving
