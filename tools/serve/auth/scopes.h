#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tulving/operations.h"
#include "tulving/result.h"

namespace tulving::serve::auth {

/// What a caller may do, as bits. kAdmin contains the others.
enum Scope : std::uint8_t {
  kRead = 1,
  kWrite = 2,   ///< Memories and records: add, change, forget, link and unlink.
  kKeeper = 4,  ///< Consolidation: runs, plans, jobs, its queue, notes.
  kAdmin = 8,   ///< Erase, the whole store, files of the machine.
};
using Scopes = std::uint8_t;
inline constexpr Scopes kAllScopes = kRead | kWrite | kKeeper | kAdmin;

/// "read,write" and so on. kInvalidArgument: no scope's name, or none at all.
Result<Scopes> parse_scopes(std::string_view text);
[[nodiscard]] std::string to_text(Scopes scopes);

/// The scope that a call needs.
[[nodiscard]] Scope scope_of(const Operation& operation, const Arguments& arguments);

[[nodiscard]] constexpr bool covers(Scopes scopes, Scope needed) {
  return (scopes & (needed | kAdmin)) != 0;
}

}  // namespace tulving::serve::auth
