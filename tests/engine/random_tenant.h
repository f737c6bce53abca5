#pragma once

#include <optional>
#include <random>

#include "tests/engine/testing.h"

namespace tulving::testing {

/// A tenant "acme" in RAM with sessions s1 to s3, on a clock that tests move, and what draws its
/// memories.
class RandomTenant {
 public:
  std::size_t below(std::size_t end) { return random_() % end; }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;

 protected:
  explicit RandomTenant(unsigned seed) : random_(seed) {
    StoreOptions options;
    options.clock = clock_.clock();
    options.thresholds.log_confidence = 0.5;  // Two that are alike need nobody's word.
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
    for (const char* id : {"s1", "s2", "s3"}) {
      Session session;
      session.session_id = id;
      value_of(tenant_->put(session));
    }
  }

  std::mt19937 random_;
};

}  // namespace tulving::testing
