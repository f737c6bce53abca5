#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "tests/engine/testing.h"
#include "tulving/store.h"

namespace tulving::testing {

/// A store with one tenant, and a clock that stands until it is moved.
class OneTenant : public ::testing::Test {
 protected:
  OneTenant() { open(); }

  void open() {
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open(directory_ / "db", options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void reopen() {
    ASSERT_THAT(store_->close(), Succeeds());
    tenant_.reset();
    store_.reset();
    open();
  }

  ManualClock clock_;
  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

/// The same in RAM alone.
class OneTenantInRam : public ::testing::Test {
 protected:
  OneTenantInRam() {
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

}  // namespace tulving::testing
