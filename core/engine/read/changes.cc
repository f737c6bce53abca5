// changes(): the feed, or where it does not go back far enough a pass over the records.

#include "storage/changes.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/engine/store/store_impl.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/vector_tombstone.h"

namespace tulving {
namespace {

using storage::RecordKind;
using storage::Table;

// A row of Table::kRecords, or the mark of a dropped tenant, by the write that put it.
struct Written {
  std::uint64_t revision = 0;
  std::string key;
  bool is_drop = false;  // Then `key` is the tenant's id.
  friend auto operator<=>(const Written&, const Written&) = default;
};

struct Found {
  std::vector<Written> rows;
  std::uint64_t revision = 0;  // All up to here are among them.
};

std::string_view name_of(std::uint8_t kind) {
  if (kind == storage::kVectorTombstone) return "embedding";
  const auto number = static_cast<RecordKind>(kind);
  std::string_view name = number == RecordKind::kPlan ? "plan" : "";
  kinds::RecordKinds::with(
      number, [&]<class Record>(kinds::Tag<Record>) { name = kinds::Kind<Record>::name; });
  return name;
}

// What the record is looked up by, where that is a name of its own; else `id` stays.
Status read_name(RecordKind kind, std::string_view value, std::string& id) {
  Status status;
  kinds::PlainKinds::with(kind, [&]<class Record>(kinds::Tag<Record>) {
    if constexpr (std::is_same_v<kinds::Key<Record>, std::string>) {
      auto record = storage::decode<Record>(value);
      if (!record) {
        status = record.error();
      } else {
        id = kinds::key_of(*record);
      }
    }
  });
  return status;
}

// Fills in kind, id and whether it is gone. A kind without a name is the store's own business.
Status describe(const storage::RecordKey& key, std::string_view value, Change& change) {
  change.id = key.id.to_string();
  if (key.kind != RecordKind::kTombstone) {
    change.kind = name_of(static_cast<std::uint8_t>(key.kind));
    return read_name(key.kind, value, change.id);
  }
  auto tombstone = storage::decode_tombstone(value);
  if (!tombstone) return tombstone.error();
  change.kind = name_of(tombstone->kind);
  if (!tombstone->name.empty()) change.id = std::move(tombstone->name);
  change.erased = true;
  return {};
}

Result<std::map<std::uint32_t, std::string>> tenants_in(const storage::JournalReader& reader) {
  std::map<std::uint32_t, std::string> tenants;
  auto status =
      reader.scan(Table::kMeta, "t", [&](std::string_view, std::string_view value) -> Status {
        auto tenant = storage::decode_tenant(value);
        if (!tenant) return tenant.error();
        tenants[tenant->number] = std::move(tenant->tenant_id);
        return {};
      });
  if (!status) return status.error();
  return tenants;
}

// The tenants that were dropped, by the write that did.
Result<std::map<std::uint64_t, std::string>> dropped_in(const storage::JournalReader& reader) {
  std::map<std::uint64_t, std::string> dropped;
  auto status = reader.scan(Table::kMeta, storage::kDroppedPrefix,
                            [&](std::string_view, std::string_view value) -> Status {
                              auto mark = storage::decode_tenant(value);
                              if (!mark) return mark.error();
                              dropped[mark->revision] = std::move(mark->tenant_id);
                              return {};
                            });
  if (!status) return status.error();
  return dropped;
}

// From the feed. Empty: it does not go back to `since`.
Result<std::optional<Found>> find_in_feed(const storage::JournalReader& reader, std::uint64_t since,
                                          std::uint64_t revision, std::size_t limit) {
  Found found{{}, since};
  TULVING_DCHECK(since <= revision);
  std::optional<std::map<std::uint64_t, std::string>> dropped;  // Looked for when there may be one.
  while (found.revision < revision && found.rows.size() < limit) {
    const std::uint64_t write = found.revision + 1;
    auto row = storage::change_row(reader, write);
    if (!row) return row.error();
    if (!*row) return std::optional<Found>();
    if ((*row)->changed.empty()) {  // A drop puts no record.
      if (!dropped) {
        auto marks = dropped_in(reader);
        if (!marks) return marks.error();
        dropped = *std::move(marks);
      }
      const auto mark = dropped->find(write);
      if (mark != dropped->end()) found.rows.push_back({write, mark->second, true});
    }
    for (const auto& changed : (*row)->changed) {
      Written written{write, storage::record_key((*row)->tenant, changed.kind, changed.id)};
      const auto value = reader.get(Table::kRecords, written.key);
      if (!value) return value.error();
      if (!*value) continue;
      const auto now = storage::row_revision(**value);
      if (!now) return now.error();
      if (*now == write) found.rows.push_back(std::move(written));  // Else it comes later.
    }
    found.revision = write;
  }
  return std::optional(std::move(found));
}

// From all records: the oldest `limit` after `since`, with the rest of the last one's write.
Result<Found> find_in_records(const storage::JournalReader& reader, std::uint64_t since,
                              std::uint64_t revision, std::size_t limit) {
  Found found{{}, revision};
  const auto keep_oldest = [&] {
    if (found.rows.size() <= limit) return;
    std::ranges::nth_element(found.rows,
                             found.rows.begin() + static_cast<std::ptrdiff_t>(limit - 1));
    found.revision = found.rows[limit - 1].revision;
    std::erase_if(found.rows, [&](const Written& row) { return row.revision > found.revision; });
  };
  const auto dropped = dropped_in(reader);
  if (!dropped) return dropped.error();
  for (const auto& [written, id] : *dropped) {
    if (written > since) found.rows.push_back({written, id, true});
  }
  std::size_t prune_at = 2 * limit;
  auto status =
      reader.scan(Table::kRecords, "", [&](std::string_view key, std::string_view value) -> Status {
        const auto written = storage::row_revision(value);
        if (!written) return written.error();
        if (*written <= since || *written > found.revision) return {};
        found.rows.push_back({*written, std::string(key)});
        if (found.rows.size() < prune_at) return {};
        keep_oldest();
        prune_at = found.rows.size() + limit;
        return {};
      });
  if (!status) return status.error();
  keep_oldest();
  std::ranges::sort(found.rows);
  return found;
}

}  // namespace

Result<ChangePage> Store::Impl::changes(const Position& after, std::size_t limit) {
  if (limit == 0) return Error{ErrorCode::kInvalidArgument, "limit is 0; at least 1", "limit"};
  auto from = cut(after);
  if (!from) return from.error();
  const std::uint64_t since = after.revision, now = from->position.revision;
  auto in_feed = find_in_feed(*from->reader, since, now, limit);
  if (!in_feed) return in_feed.error();
  auto found = *in_feed ? Result<Found>(**std::move(in_feed))
                        : find_in_records(*from->reader, since, now, limit);
  if (!found) return found.error();
  // A page ends between two writes, and goes on where the last one ended.
  TULVING_DCHECK(found->revision >= since && found->revision <= now);
  TULVING_DCHECK(std::ranges::is_sorted(found->rows, {}, &Written::revision));

  // As of the cut: by now one may be dropped.
  const auto tenants = tenants_in(*from->reader);
  if (!tenants) return tenants.error();
  TULVING_DCHECK(found->rows.empty() || found->rows.front().revision > since);
  ChangePage page{{}, found->revision, found->revision == now, from->position.incarnation};
  for (const Written& row : found->rows) {
    if (row.is_drop) {
      page.changes.push_back({row.revision, row.key, "tenant", row.key, true});
      continue;
    }
    const auto key = storage::parse_record_key(row.key);
    const auto value = from->reader->get(Table::kRecords, row.key);
    if (!value) return value.error();
    if (!key || !*value || !tenants->contains(key->tenant)) {
      return Error{ErrorCode::kCorruption, "a record's key is malformed, or of no tenant"};
    }
    Change change{row.revision, tenants->at(key->tenant), {}, {}};
    if (auto status = describe(*key, **value, change); !status) return status.error();
    if (!change.kind.empty()) page.changes.push_back(std::move(change));
  }
  return page;
}

}  // namespace tulving
