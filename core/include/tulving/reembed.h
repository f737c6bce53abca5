#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tulving {

/// What Store::reembed() is to do.
struct ReembedOptions {
  std::string tenant_id = {};  ///< Empty: every tenant.
  /// The model of which a memory's vector goes once it has one of the embedder's. Empty: none goes,
  /// and the memory is found by both.
  std::string drop_model = {};
  /// Called after each batch with memories done and to do; false stops there. May be empty.
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress = {};
};

/// What it did.
struct ReembedReport {
  std::string model;           ///< Of the vectors made.
  std::uint64_t made = 0;      ///< Memories that got a vector.
  std::uint64_t refused = 0;   ///< Memories whose text the embedder refused, or that have none.
  std::uint64_t unneeded = 0;  ///< Memories that were changed, or got one, meanwhile.
  std::uint64_t left = 0;      ///< Memories not come to, as it was stopped.
  std::string last_error;      ///< Why one was refused. Empty: none was.
};

}  // namespace tulving
