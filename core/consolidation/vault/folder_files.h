#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/files/files.h"
#include "tulving/result.h"

namespace tulving::consolidation {

// Files of one opened folder, by names in it.

/// Opens the folder `path`, which may be no link; with `creates`, made when it is all that is
/// missing. Without, what is missing is a closed Descriptor, if its parent is a folder that can be
/// written to. See Vault::open() for the errors.
Result<Descriptor> open_folder(const std::string& path, bool creates);

/// What is in an open folder; `path` is for messages.
Result<std::vector<std::string>> names_in(int folder, std::string_view path);

}  // namespace tulving::consolidation
