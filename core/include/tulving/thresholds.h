#pragma once

#include <optional>
#include <string_view>

#include "tulving/result.h"

namespace tulving {

/// Where the store's upkeep draws its lines, each 0..1 (SPEC section 4). Decay scores are compared
/// clamped, cohesions are mean pairwise cosines, confidences are those of a proposed change.
struct Thresholds {
  double danger_zone_min = 0.15;  ///< Decay score below which a memory is nearly forgotten.
  double danger_zone_max = 0.35;  ///< Decay score below which a memory is in danger.
  double forget = 0.10;           ///< Decay score below which a memory is urgent.
  double promote = 0.65;          ///< Decay score above which a memory is kept for good.
  double merge_cohesion = 0.75;   ///< Cohesion from which a cluster becomes one memory.
  double link_cohesion = 0.40;    ///< Cohesion from which a cluster's memories are linked.
  double auto_confidence = 0.90;  ///< Confidence from which a change is made without asking.
  double log_confidence = 0.70;   ///< Confidence from which it is made and logged in detail.

  friend bool operator==(const Thresholds&, const Thresholds&) = default;
};

/// What a caller sets of Thresholds. What is empty is taken from the environment when the store is
/// opened (CORTEXGRAPH_DANGER_ZONE_MIN, _DANGER_ZONE_MAX, _FORGET_THRESHOLD, _PROMOTE_THRESHOLD,
/// _MERGE_COHESION, _LINK_COHESION, _AUTO_CONFIDENCE, _LOG_CONFIDENCE), else it is the default.
///
/// Together they must keep forget < danger_zone_min < danger_zone_max < promote,
/// link_cohesion < merge_cohesion and log_confidence < auto_confidence.
struct ThresholdOptions {
  std::optional<double> danger_zone_min = {};
  std::optional<double> danger_zone_max = {};
  std::optional<double> forget = {};
  std::optional<double> promote = {};
  std::optional<double> merge_cohesion = {};
  std::optional<double> link_cohesion = {};
  std::optional<double> auto_confidence = {};
  std::optional<double> log_confidence = {};
};

/// Sets the threshold `name` ("danger_zone_min", as the members are called) from a text ("0.15").
/// kInvalidArgument: no threshold has that name, or `value` is not a number in 0..1.
Status set_threshold(ThresholdOptions& options, std::string_view name, std::string_view value);

}  // namespace tulving
