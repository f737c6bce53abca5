#pragma once

#include <filesystem>
#include <string>

#include "tulving/notes.h"

namespace tulving::consolidation {

/// The name by which a tenant remembers a vault: absolute, without "." and doubled slashes.
[[nodiscard]] std::string vault_name(const std::filesystem::path& vault);

/// See tulving::follow_notes(), which has the store's clock.
Result<NotesReport> follow_notes(const Tenant& tenant, Timestamp now, const NotesRequest& request);

}  // namespace tulving::consolidation
