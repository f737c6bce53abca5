#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/base/text/utf8.h"
#include "core/engine/store/store_impl.h"

// What the store knows of the notes of promoted memories: in which folders they are, and which
// memories are gone. What reads and writes them is core/consolidation/note_follower.

namespace tulving {
namespace {

constexpr std::size_t kVaultsMax = 16;
constexpr std::size_t kPathBytesMax = 4096;

Status check_path(std::string_view path) {
  if (path.starts_with('/') && path.size() <= kPathBytesMax && !first_invalid_utf8(path)) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("vault is \"{}\"; must be an absolute path, UTF-8 without NUL, of at "
                           "most {} bytes",
                           path.substr(0, kPathBytesMax), kPathBytesMax),
               "vault"};
}

}  // namespace

std::vector<std::string> Tenant::vaults() const { return impl_->tenant->read()->vaults; }

Status Tenant::remember_vault(std::string_view path) {
  if (auto status = check_path(path); !status) return status;
  return impl_->write([&](engine::Transaction& transaction) -> Status {
    std::vector<std::string> vaults = transaction.tenant_before().vaults;
    if (std::ranges::find(vaults, path) != vaults.end()) return {};
    if (vaults.size() == kVaultsMax) {
      return Error{ErrorCode::kResourceExhausted,
                   fmt::format("tenant \"{}\" has {} vaults; at most {} are allowed", id(),
                               vaults.size(), kVaultsMax),
                   "vault"};
    }
    vaults.emplace_back(path);
    transaction.put_vaults(std::move(vaults));
    return {};
  });
}

Status Tenant::forget_vault(std::string_view path) {
  return impl_->write([&](engine::Transaction& transaction) -> Status {
    std::vector<std::string> vaults = transaction.tenant_before().vaults;
    if (std::erase(vaults, path) == 0) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("tenant \"{}\" has no vault \"{}\"", id(), path), "vault"};
    }
    transaction.put_vaults(std::move(vaults));
    return {};
  });
}

bool Tenant::was_erased(Uuid id) const {
  const auto tenant = impl_->tenant->read();
  return !tenant->memories.find(id) &&
         (tenant->erased_ids.contains(id) || tenant->retracted_ids.contains(id));
}

}  // namespace tulving
