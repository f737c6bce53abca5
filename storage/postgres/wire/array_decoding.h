#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"

namespace tulving::storage::postgres {

/// An array's elements, views into its bytes. Not empty `refused`: it has none that we could hold,
/// and why.
struct SplitArray {
  std::vector<std::string_view> elements;
  std::string refused;
};

/// Takes an array in binary form apart. Refused: NULLs among the elements, several dimensions.
/// kCorruption: not an array's bytes, or its elements have another type than `element_oid`.
Result<SplitArray> split_array(std::string_view bytes, std::uint32_t element_oid);

}  // namespace tulving::storage::postgres
