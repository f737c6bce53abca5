#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/hash.h"
#include "tools/serve/auth/scopes.h"
#include "tulving/time.h"

namespace tulving::serve::auth {

/// What is kept of a token. Its secret is not.
struct Token {
  std::string id;      ///< Twelve hexadecimal digits.
  Sha256 digest = {};  ///< Of the secret.
  std::string tenant;  ///< Empty: all of them.
  Scopes scopes = 0;
  Timestamp created_at = {};
  std::optional<Timestamp> expires_at = {};

  [[nodiscard]] bool is_expired(Timestamp now) const { return expires_at && *expires_at <= now; }
};

/// What a client sends: "tlv_ID_SECRET".
struct Presented {
  std::string_view id;
  std::string_view secret;
};
[[nodiscard]] std::optional<Presented> read_presented(std::string_view text);

/// In a time that does not depend on where they differ.
[[nodiscard]] bool is_equal(const Sha256& a, const Sha256& b);

/// A token and what to present for it, which is shown once. The secret has 256 random bits.
struct NewToken {
  Token token;
  std::string presented;
};
Result<NewToken> make_token(std::string tenant, Scopes scopes, std::optional<Timestamp> expires_at);

}  // namespace tulving::serve::auth
