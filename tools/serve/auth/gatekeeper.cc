#include "tools/serve/auth/gatekeeper.h"

#include "tools/serve/auth/token_file.h"

namespace tulving::serve::auth {

Result<std::unique_ptr<Gatekeeper>> Gatekeeper::open(std::filesystem::path file) {
  std::unique_ptr<Gatekeeper> made(new Gatekeeper(std::move(file)));
  if (auto status = made->reload(); !status) return status.error();
  return made;
}

Status Gatekeeper::reload() {
  if (file_.empty()) return {};
  auto read = read_tokens(file_);
  if (!read && read.error().code != ErrorCode::kNotFound) return read.error();
  std::shared_ptr<Tokens> known;
  if (read) {
    known = std::make_shared<Tokens>();
    for (Token& token : *read) known->insert_or_assign(token.id, token);
  }
  const std::lock_guard lock(mutex_);
  // Who takes the file away must not open the door.
  if (known == nullptr && tokens_ != nullptr) known = std::make_shared<Tokens>();
  tokens_ = std::move(known);
  return {};
}

std::shared_ptr<const Gatekeeper::Tokens> Gatekeeper::tokens() const {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

bool Gatekeeper::needs_tokens() const { return tokens() != nullptr; }

std::optional<Access> Gatekeeper::access_of(std::string_view presented, Timestamp now) const {
  const auto known = tokens();
  const auto read = read_presented(presented);
  static const Token kNobody;
  const Token* token = &kNobody;
  if (known != nullptr && read) {
    const auto found = known->find(std::string(read->id));
    if (found != known->end()) token = &found->second;
  }
  const Sha256 digest = sha256(read ? read->secret : std::string_view());
  const bool is_right = is_equal(digest, token->digest);
  if (!is_right || token == &kNobody || token->is_expired(now)) return std::nullopt;
  return Access{token->id, token->tenant, token->scopes};
}

}  // namespace tulving::serve::auth
