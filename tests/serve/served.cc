#include "tests/serve/served.h"

#include <stdlib.h>  // mkdtemp(3)

#include "tools/serve/auth/token_file.h"

namespace tulving::testing {

Served::Served() {
  std::string pattern = std::filesystem::temp_directory_path() / "tulving-serve.XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
  directory_ = pattern;
}

Served::~Served() {
  site_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Served::serve(serve::SiteOptions options) {
  auto store = Store::open_in_memory();
  ASSERT_TRUE(store);
  serve(*std::move(store), std::move(options));
}

void Served::serve(Store store, serve::SiteOptions options) {
  options.port = 0;
  options.socket = socket_path();
  options.tokens = tokens_path();
  options.gateway.version = "0.0.test";
  auto site = serve::Site::start(Service(std::move(store)), std::move(options));
  ASSERT_TRUE(site) << site.error().message;
  site_ = *std::move(site);
}

Headers Served::token(const std::string& tenant, const std::string& scopes,
                      std::optional<Timestamp> expires) {
  auto made = serve::auth::make_token(tenant == "*" ? "" : tenant,
                                      *serve::auth::parse_scopes(scopes), expires);
  auto status = serve::auth::change_tokens(tokens_path(), [&](auto& tokens) {
    tokens.push_back(made->token);
    return Status();
  });
  EXPECT_TRUE(status) << status.error().message;
  if (site_ != nullptr) {
    EXPECT_TRUE(site_->reload());
  }
  return {{"Authorization", "Bearer " + made->presented}};
}

std::string of_tenant(const std::string& tenant, const std::string& rest) {
  return "/v1/tenants/" + tenant + "/" + rest;
}

Json memory(const std::string& name, const std::string& text) {
  return {{"memory", {{"external_id", name}, {"text", text}}}};
}

}  // namespace tulving::testing
