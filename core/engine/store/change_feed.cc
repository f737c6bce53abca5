#include "core/engine/store/change_feed.h"

#include <algorithm>
#include <optional>

#include "core/base/check.h"
#include "storage/changes.h"
#include "storage/keys.h"

namespace tulving::engine {
namespace {

using storage::Table;

// A scan ends at an error alone.
Error enough() { return {ErrorCode::kConflict, ""}; }

Result<std::optional<storage::ChangeRow>> oldest_row(const storage::JournalReader& reader) {
  std::optional<Result<storage::ChangeRow>> oldest;
  auto status = reader.scan(Table::kMeta, storage::kChangePrefix,
                            [&](std::string_view, std::string_view value) -> Status {
                              oldest = storage::decode_change(value);
                              return enough();
                            });
  if (!oldest) {
    if (!status) return status.error();
    return std::optional<storage::ChangeRow>();
  }
  if (!*oldest) return oldest->error();
  return std::optional(**std::move(oldest));
}

}  // namespace

Status ChangeFeed::open(const storage::JournalReader& reader, std::uint64_t revision) {
  oldest_ = next_ = revision + 1;
  auto newest = storage::change_row(reader, revision);
  if (!newest) return newest.error();
  if (!*newest) return {};  // A store from before the feed, or restored: it begins here.
  auto oldest = oldest_row(reader);
  if (!oldest) return oldest.error();
  total_ = (*newest)->total;
  oldest_ = (*oldest)->revision;
  dropped_ = (*oldest)->total - storage::weight_of(**oldest);
  return {};
}

Status ChangeFeed::stage(const storage::Journal& journal, std::uint32_t tenant,
                         std::uint64_t revision, storage::JournalBatch& batch) {
  TULVING_DCHECK(revision == next_);  // Without a gap: a reader goes from one to the next.
  storage::ChangeRow row{revision, 0, tenant, {}};
  for (const auto& operation : batch.operations()) {
    if (!operation.is_put || operation.table != Table::kRecords) continue;
    const auto key = storage::parse_record_key(operation.key);
    TULVING_DCHECK(key && key->tenant == tenant);  // A write is of one tenant.
    row.changed.push_back({storage::kind_byte(*key), key->id});
  }
  std::ranges::sort(row.changed);
  row.changed.erase(std::unique(row.changed.begin(), row.changed.end()), row.changed.end());
  const std::uint64_t added = storage::weight_of(row);
  row.total = total_ + added;
  batch.put(Table::kMeta, storage::change_key(revision), storage::encode_change(row));
  if (auto status = trim(journal, added, batch); !status) return status;
  total_ = row.total;
  next_ = revision + 1;
  return {};
}

Status ChangeFeed::trim(const storage::Journal& journal, std::uint64_t added,
                        storage::JournalBatch& batch) {
  if (!is_trimming_) {
    if (changes() <= changes_max_) return {};
    changes_max_ = std::max(changes_min_, 2 * records_());
    if (changes() <= changes_max_) return {};
    is_trimming_ = true;
  }
  std::uint64_t dropped = 0;
  while (is_trimming_ && dropped < 2 * added && oldest_ < next_) {
    const auto bytes = journal.get(Table::kMeta, storage::change_key(oldest_));
    if (!bytes) return bytes.error();
    if (*bytes) {
      const auto row = storage::decode_change(**bytes);
      if (!row) return row.error();
      batch.erase(Table::kMeta, storage::change_key(oldest_));
      dropped += storage::weight_of(*row);
      dropped_ = row->total;
    }
    ++oldest_;
    is_trimming_ = changes() > changes_max_ - changes_max_ / 8;
  }
  return {};
}

}  // namespace tulving::engine
