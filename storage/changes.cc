#include "storage/changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "storage/keys.h"

namespace tulving::storage {

Result<std::optional<ChangeRow>> change_row(const JournalReader& reader, std::uint64_t revision) {
  auto bytes = reader.get(Table::kMeta, change_key(revision));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<ChangeRow>();
  auto row = decode_change(**bytes);
  if (!row) return row.error();
  if (row->revision != revision) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("the change feed's row of revision {} lies under the key of {}",
                             row->revision, revision)};
  }
  return std::optional(*std::move(row));
}

Result<std::optional<std::vector<std::string>>> changed_keys(const JournalReader& reader,
                                                             std::uint64_t since,
                                                             std::uint64_t revision,
                                                             std::size_t changes_max) {
  TULVING_DCHECK(since <= revision);  // Or the distance below would wrap round.
  std::optional<std::vector<std::string>> keys(std::in_place);
  if (revision - since > changes_max) return std::optional<std::vector<std::string>>();
  for (std::uint64_t write = since + 1; write <= revision; ++write) {
    auto row = change_row(reader, write);
    if (!row) return row.error();
    if (!*row || keys->size() + (*row)->changed.size() > changes_max) {
      return std::optional<std::vector<std::string>>();
    }
    for (const auto& changed : (*row)->changed) {
      keys->push_back(record_key((*row)->tenant, changed.kind, changed.id));
    }
  }
  std::ranges::sort(*keys);
  keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
  TULVING_DCHECK(keys->size() <= changes_max);  // What the caller is ready to look up.
  return keys;
}

}  // namespace tulving::storage
