#include "tools/serve/auth/token.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

namespace tulving::serve::auth {
namespace {

constexpr std::string_view kPrefix = "tlv_";
constexpr std::size_t kIdBytes = 6, kSecretBytes = 32;

bool is_hex(std::string_view text, std::size_t bytes) {
  return text.size() == 2 * bytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::optional<Presented> read_presented(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const std::size_t bar = text.find('_');
  if (bar == std::string_view::npos) return std::nullopt;
  const Presented presented{text.substr(0, bar), text.substr(bar + 1)};
  if (!is_hex(presented.id, kIdBytes) || !is_hex(presented.secret, kSecretBytes)) return {};
  return presented;
}

bool is_equal(const Sha256& a, const Sha256& b) {
  volatile std::uint8_t difference = 0;  // So that no compiler ends the loop early.
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

Result<NewToken> make_token(std::string tenant, Scopes scopes,
                            std::optional<Timestamp> expires_at) {
  std::array<std::uint8_t, kIdBytes + kSecretBytes> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return Error{ErrorCode::kIo, "the system gives no random bytes"};
  }
  const std::span<const std::uint8_t> bytes(random);
  const std::string secret = to_hex(bytes.subspan(kIdBytes));
  NewToken made;
  made.token = {.id = to_hex(bytes.first(kIdBytes)),
                .digest = sha256(secret),
                .tenant = std::move(tenant),
                .scopes = scopes,
                .created_at = system_now(),
                .expires_at = expires_at};
  made.presented.append(kPrefix).append(made.token.id).append("_").append(secret);
  return made;
}

}  // namespace tulving::serve::auth
