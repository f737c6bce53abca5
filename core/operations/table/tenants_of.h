#pragma once

#include <string>
#include <vector>

#include "tulving/operations.h"

namespace tulving::operations {

/// The tenant that the call names; all that the store has where it names none.
[[nodiscard]] inline std::vector<std::string> tenants_of(const Running& running) {
  if (running.arguments.has("tenant_id")) return {running.arguments.text("tenant_id")};
  return running.store().tenants();
}

}  // namespace tulving::operations
