#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tools/serve/auth/token.h"
#include "tulving/result.h"

namespace tulving::serve::auth {

/// Who asks, and what he may.
struct Access {
  std::string token_id = {};   ///< Empty: nobody needed a token.
  std::string tenant_id = {};  ///< The one tenant that he may speak of; empty: all, and the store.
  Scopes scopes = 0;
};

/// Knows the tokens. Thread-safe.
class Gatekeeper {
 public:
  /// Of the file of tokens; where there is none, or none is named, nobody needs a token. The errors
  /// of read_tokens() but kNotFound.
  static Result<std::unique_ptr<Gatekeeper>> open(std::filesystem::path file);

  /// Reads the file anew. After an error the tokens are those from before. A file that was there
  /// and is not any more leaves no token.
  Status reload();
  /// Whether there are tokens to present: there is a file, though it may name none.
  [[nodiscard]] bool needs_tokens() const;

  /// Empty: it is no token of ours, or has expired. Takes the same time whatever is wrong.
  [[nodiscard]] std::optional<Access> access_of(std::string_view presented, Timestamp now) const;

 private:
  using Tokens = std::unordered_map<std::string, Token>;

  explicit Gatekeeper(std::filesystem::path file) : file_(std::move(file)) {}
  [[nodiscard]] std::shared_ptr<const Tokens> tokens() const;

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Tokens> tokens_;  // Null: there is no file.
};

}  // namespace tulving::serve::auth
