#include "storage/snapshot/snapshot_rows.h"

#include <algorithm>

#include "core/base/check.h"
#include "storage/changes.h"
#include "storage/keys.h"

namespace tulving::storage {

Result<SnapshotRows> SnapshotRows::choose(const JournalReader& reader,
                                          const SnapshotSource& source) {
  SnapshotRows rows(reader);
  if (!source.since) return rows;
  TULVING_DCHECK(*source.since <= source.revision);
  // A record that is looked up costs some twenty times what it costs in a pass over all.
  constexpr std::uint64_t kChangesMax = 10'000;
  constexpr std::uint64_t kLookUpCost = 20;
  auto changed = changed_keys(reader, *source.since, source.revision,
                              std::max(kChangesMax, source.records / kLookUpCost));
  if (!changed) return changed.error();
  rows.changed_ = *std::move(changed);
  return rows;
}

Status SnapshotRows::visit(Table table, const ScanVisitor& visit) const {
  if (table == Table::kMeta) {
    for (const auto prefix :
         {kDroppedPrefix, std::string_view("m"), std::string_view("s"), std::string_view("t")}) {
      if (auto status = reader_.scan(table, prefix, visit); !status) return status;
    }
    return {};
  }
  return changed_ ? visit_changed(table, visit) : reader_.scan(table, "", visit);
}

Status SnapshotRows::visit_changed(Table table, const ScanVisitor& visit) const {
  TULVING_DCHECK(table != Table::kMeta);  // Of which all is taken.
  // As a scan gives keys: what is taken of them goes into a file that wants that order.
  TULVING_DCHECK(std::ranges::is_sorted(*changed_));
  for (const std::string& key : *changed_) {
    if (table == Table::kRecords) {
      const auto value = reader_.get(table, key);
      if (!value) return value.error();
      if (!*value) continue;  // Erased since, and its tombstone is among the changes.
      if (auto status = visit(key, **value); !status) return status;
      continue;
    }
    const auto parsed = parse_record_key(key);
    if (!parsed || parsed->kind != RecordKind::kMemory) continue;
    const std::string prefix = table == Table::kVectors
                                   ? vector_prefix(parsed->tenant, parsed->id)
                                   : history_prefix(parsed->tenant, parsed->id);
    if (auto status = reader_.scan(table, prefix, visit); !status) return status;
  }
  return {};
}

}  // namespace tulving::storage
