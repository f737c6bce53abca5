#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tulving/thresholds.h"

namespace tulving::model {

/// The environment: the value of a variable, empty when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The variable of this process.
[[nodiscard]] std::optional<std::string> process_environment(const char* name);

/// Each threshold from the option, else the environment, else the default. kInvalidArgument: one is
/// no number in 0..1, or two are crossed; the message says where each value came from.
Result<Thresholds> resolve_thresholds(const ThresholdOptions& options,
                                      const Environment& environment);

}  // namespace tulving::model
