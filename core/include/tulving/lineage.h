#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tulving/uuid.h"

namespace tulving {

/// One step between a memory and one that it was made from.
struct LineageLink {
  Uuid source_id;           ///< The older one.
  Uuid derived_id;          ///< The merge, pattern, principle or child.
  std::string kind;         ///< "consolidated" (source_memory_ids), "parent" (parent_memory_id).
  std::uint32_t depth = 1;  ///< Links from the memory that was asked for.
  std::optional<double> similarity;  ///< Cosine of the two, where a model has both.

  friend bool operator==(const LineageLink&, const LineageLink&) = default;
};

struct Lineage {
  Uuid id;
  std::vector<LineageLink> sources;  ///< Upwards, nearest first, then by ids.
  std::vector<LineageLink> derived;  ///< Downwards.
};

}  // namespace tulving
