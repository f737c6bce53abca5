#pragma once

#include <span>
#include <string_view>

namespace tulving::serve::rest {

/// A call that works: in this order, on a store that is empty, with a tenant of any name. The
/// OpenAPI document shows them, and a test makes them.
struct Example {
  std::string_view operation;
  std::string_view arguments;   ///< JSON.
  std::string_view lines = {};  ///< Of a stream that is given lines.
};

[[nodiscard]] std::span<const Example> examples();
/// Of that operation; null: there is none.
[[nodiscard]] const Example* example_of(std::string_view operation);

}  // namespace tulving::serve::rest
