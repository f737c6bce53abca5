#include "tools/serve/auth/scopes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tulving::serve::auth {
namespace {

struct Named {
  std::string_view name;
  Scope scope;
};
constexpr std::array kScopes = {Named{"read", kRead}, Named{"write", kWrite},
                                Named{"keeper", kKeeper}, Named{"admin", kAdmin}};

// What changes a tenant by thinking about it, and not by being told.
constexpr std::array<std::string_view, 9> kOfKeeper = {"consolidate",
                                                       "consolidation.",
                                                       "consolidation_task.",
                                                       "consolidation_job.",
                                                       "plan.",
                                                       "queue.",
                                                       "job.",
                                                       "notes.",
                                                       "tracker."};
// They destroy no more than an agent that writes must be able to take back: a forgotten memory is
// in the log, a link can be made again.
constexpr std::array<std::string_view, 2> kTakenBack = {"memory.forget", "relation.erase"};
// Parameters that name files of the machine, or other servers.
constexpr std::array<std::string_view, 5> kOfMachine = {"directory", "file", "vault", "to", "from"};

bool is_of_machine(const Operation& operation, const Arguments& arguments) {
  return std::ranges::any_of(operation.params, [&](const Param& param) {
    return std::ranges::count(kOfMachine, param.name) > 0 && arguments.has(param.name);
  });
}

bool is_about_all(const Operation& operation, const Arguments& arguments) {
  return operation.is_about_store() || !arguments.has("tenant_id");
}

}  // namespace

Result<Scopes> parse_scopes(std::string_view text) {
  Scopes scopes = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view name = text.substr(at, end - at);
    const auto found = std::ranges::find(kScopes, name, &Named::name);
    if (found == kScopes.end()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("scope is \"{}\"; must be some of read, write, keeper and admin, "
                               "with commas between",
                               text),
                   "scope"};
    }
    scopes = static_cast<Scopes>(scopes | found->scope);
    at = end + 1;
  }
  return scopes;
}

std::string to_text(Scopes scopes) {
  std::string text;
  for (const Named& one : kScopes) {
    if ((scopes & one.scope) == 0) continue;
    if (!text.empty()) text += ',';
    text += one.name;
  }
  return text;
}

Scope scope_of(const Operation& operation, const Arguments& arguments) {
  if (is_about_all(operation, arguments) || is_of_machine(operation, arguments)) return kAdmin;
  switch (operation.effect_of(arguments)) {
    case Effect::kRead:
      return kRead;
    case Effect::kDestroy:
      return std::ranges::count(kTakenBack, operation.name) > 0 ? kWrite : kAdmin;
    case Effect::kWrite:
      break;
  }
  const bool is_keeper = std::ranges::any_of(kOfKeeper, [&](std::string_view start) {
    return start.ends_with('.') ? operation.name.starts_with(start) : operation.name == start;
  });
  return is_keeper ? kKeeper : kWrite;
}

}  // namespace tulving::serve::auth
