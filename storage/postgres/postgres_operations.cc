#include "storage/postgres/postgres_operations.h"

#include <array>

#include "tulving/postgres.h"

namespace tulving {

std::span<const Operation> postgres_operations() {
  static const std::array kOperations = {sync_operation(), hydrate_operation()};
  return kOperations;
}

}  // namespace tulving
