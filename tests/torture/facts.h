#pragma once

#include <string>
#include <vector>

#include "tests/torture/model.h"
#include "tulving/tulving.h"

namespace tulving::torture {

/// What the store says that it holds, by its public API. What cannot be read is a fact, too. It is
/// asked about the erasure of each name that `known` has: a store does not list those.
[[nodiscard]] Facts facts_of(const Store& store, const Model& known);

/// Removes the relation that the script makes from one memory to another.
Status unrelate(Tenant& tenant, const std::string& from, const std::string& to);

/// How two sets of facts differ: in a few lines, and what kind of difference it is.
struct Difference {
  std::uint64_t lost = 0;         ///< Only `wanted` has it.
  std::uint64_t resurrected = 0;  ///< `held` has it, and `wanted` says that it was erased.
  std::uint64_t torn = 0;         ///< All else.
  std::string lines;
  [[nodiscard]] bool is_none() const { return lost + resurrected + torn == 0; }
};
[[nodiscard]] Difference difference(const Facts& wanted, const Facts& held);

}  // namespace tulving::torture
