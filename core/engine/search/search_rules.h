#pragma once

#include <optional>
#include <string>

#include "storage/codec/codec.h"
#include "tulving/result.h"
#include "tulving/search.h"

namespace tulving::engine {

/// The mode a request stands for once kAuto is resolved.
[[nodiscard]] SearchMode resolved_mode(const SearchRequest& request);

/// Refuses what is out of range, or does not apply to the mode: nothing is ignored.
Status check_request(const SearchRequest& request);

/// `model` is the store's model of this name, empty when it has none of it yet.
Status check_query_vector(const SearchRequest& request, const std::string& name,
                          const std::optional<storage::ModelRow>& model);

}  // namespace tulving::engine
