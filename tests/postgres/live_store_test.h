#pragma once

#include <stdlib.h>  // mkdtemp(3)

#include <filesystem>
#include <optional>
#include <string>

#include "tests/postgres/postgres_testing.h"
#include "tulving/store.h"

namespace tulving::testing {

/// A test on a database of its own, with an open store beside it that is sent there.
class LiveStoreTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "tulving-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    live_.emplace(value_of(Store::open(directory_ / "db", store_options())));
  }
  void TearDown() override {
    live_.reset();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] virtual StoreOptions store_options() const { return {}; }

  std::filesystem::path directory_;
  std::optional<Store> live_;
};

}  // namespace tulving::testing
