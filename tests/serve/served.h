#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/serve/client.h"
#include "tools/serve/site/site.h"

namespace tulving::testing {

/// A store in RAM, served on loopback and on a unix socket, in this process.
class Served : public ::testing::Test {
 protected:
  Served();
  ~Served() override;

  /// Serves; what the options say of places is the test's.
  void serve(serve::SiteOptions options = {});
  void serve(Store store, serve::SiteOptions options);
  /// Makes a token, before or while it is served; the header to send.
  Headers token(const std::string& tenant, const std::string& scopes,
                std::optional<Timestamp> expires = {});

  [[nodiscard]] std::uint16_t port() const { return site_->port(); }
  [[nodiscard]] std::string socket_path() const { return directory_ / "sock"; }
  [[nodiscard]] std::filesystem::path tokens_path() const { return directory_ / "tokens"; }

  std::filesystem::path directory_;
  std::unique_ptr<serve::Site> site_;
};

/// "/v1/tenants/t/" + rest.
[[nodiscard]] std::string of_tenant(const std::string& tenant, const std::string& rest);
[[nodiscard]] Json memory(const std::string& name, const std::string& text);

}  // namespace tulving::testing
