#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "storage/journal.h"
#include "tulving/result.h"

namespace tulving::engine {

using OwningVisitor = std::function<Status(std::string_view key, std::string value)>;

/// Scans as JournalReader::scan() does, with `visit` on another thread where there are many rows:
/// some are read while those before them are taken apart. Rows come one at a time and in order.
Status scan_beside(const storage::JournalReader& reader, storage::Table table,
                   std::string_view prefix, const OwningVisitor& visit);

}  // namespace tulving::engine
