#pragma once

#include <cstddef>

#include "tulving/filter.h"
#include "tulving/result.h"

namespace tulving::model {

inline constexpr std::size_t kFilterDepthMax = 32;
inline constexpr std::size_t kFilterNodesMax = 10'000;

/// The rules a filter can break: an enumerated field compared with a name that is none of its own,
/// what is no UUID with an id, a bound that is no number, a decay score outside 0..1, a metadata
/// value that is no JSON scalar, a Not without exactly one part, and the two limits above.
/// kInvalidArgument, Error::field set where one field is at fault.
Status check_filter(const Filter& filter);

}  // namespace tulving::model
