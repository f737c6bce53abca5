#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "tools/serve/auth/token.h"

namespace tulving::serve::auth {

/// The file of a store's tokens: a JSON document, its owner's alone, in which no secret stands. It
/// lies beside the store, as STORE.tokens, unless one is named.
[[nodiscard]] std::filesystem::path tokens_beside(const std::filesystem::path& store);

/// kNotFound: there is none. kInvalidArgument: others may read or change it. kCorruption: it is no
/// such file.
Result<std::vector<Token>> read_tokens(const std::filesystem::path& path);

/// Replaces the file by what `change` makes of its tokens; made where there is none. One at a time.
/// The errors of read_tokens(), of `change`, and kIo: it cannot be written.
Status change_tokens(const std::filesystem::path& path,
                     const std::function<Status(std::vector<Token>&)>& change);

}  // namespace tulving::serve::auth
