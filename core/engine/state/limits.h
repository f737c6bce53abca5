#pragma once

#include <cstdint>

namespace tulving::engine {

/// How much a store takes of what is numbered or counted: more is refused (kResourceExhausted, with
/// the number) before anything is written, so that no number ever comes round. The whole list,
/// those of single records too, is in storage/FORMAT.md. Tests give smaller ones.
struct Limits {
  std::uint64_t tenants = 4'000'000'000;  ///< Of a store; their numbers have 32 bits.
  /// Embedding models of a store; their numbers have 16 bits, and one of them means "none".
  std::uint64_t models = 65'535;
  /// Models that one tenant may bring into the store, so that it leaves some to the others.
  std::uint64_t models_of_tenant = 256;
  std::uint64_t relation_types = 65'536;  ///< In use in one tenant.
  /// Keys and values of one write. The longest row that follows from it, the change feed's, stays
  /// below a FlatBuffer's 2 GiB.
  std::uint64_t write_bytes = 2'000'000'000;
};

}  // namespace tulving::engine
