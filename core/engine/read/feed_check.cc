#include "core/engine/read/feed_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

void FeedCheck::change(std::string_view key, std::string_view value) {
  const auto revision = storage::parse_change_key(key);
  const auto row = storage::decode_change(value);
  if (!revision || !row || row->revision != *revision) return problem("a row is malformed");
  if (first_ == 0) {
    first_ = *revision;
    total_ = row->total - storage::weight_of(*row);
  } else if (*revision != last_ + 1) {
    problem(fmt::format("after revision {} comes {}", last_, *revision));
  }
  total_ += storage::weight_of(*row);
  if (row->total != total_) problem(fmt::format("revision {}: its total is wrong", *revision));
  total_ = row->total;
  last_ = *revision;
  for (const auto& changed : row->changed) {
    named_.emplace_back(
        *revision,
        storage::record_key(row->tenant, static_cast<RecordKind>(changed.kind), changed.id));
  }
}

void FeedCheck::record(const storage::RecordKey& key, std::string_view value) {
  const auto revision = storage::row_revision(value);
  if (!revision) return;  // The record's own check says so.
  expect_named(*revision, storage::record_key(key.tenant, key.kind, key.id), key.id.to_string());
}

void FeedCheck::vector(const storage::VectorKey& key, std::string_view value) {
  const auto revision = storage::row_revision(value);
  if (!revision) return;
  expect_named(*revision, storage::record_key(key.tenant, RecordKind::kMemory, key.memory),
               "an embedding of memory " + key.memory.to_string());
}

void FeedCheck::expect_named(std::uint64_t revision, const std::string& key,
                             std::string_view what) {
  if (first_ == 0 || revision < first_) return;
  if (std::ranges::binary_search(named_, Named(revision, key))) return;
  problem(fmt::format("revision {}: {} is not named", revision, what));
}

// A record that was named is there, written then or later; or it is gone, and then something else
// was written later under its id: a tombstone, or after a tombstone a record.
Result<bool> FeedCheck::is_there(const Named& named) const {
  const auto key = storage::parse_record_key(named.second);
  if (!key) return false;
  const auto is_at = [&](RecordKind kind) -> Result<bool> {
    const auto value =
        reader_.get(Table::kRecords, storage::record_key(key->tenant, kind, key->id));
    if (!value) return value.error();
    if (!*value) return false;
    const auto revision = storage::row_revision(**value);
    return revision && *revision >= named.first;
  };
  auto found = is_at(key->kind);
  for (const RecordKind other : {RecordKind::kTombstone, RecordKind::kMemory, RecordKind::kSession,
                                 RecordKind::kRelation, RecordKind::kConsolidationTask}) {
    if (found && !*found && other != key->kind) found = is_at(other);
  }
  return found;
}

Status FeedCheck::finish() {
  if (first_ != 0 && last_ != revision_) {
    problem(fmt::format("it ends at revision {}; the store is at {}", last_, revision_));
  }
  for (const Named& named : named_) {
    const auto there = is_there(named);
    if (!there) return there.error();
    if (*there) continue;
    const auto key = storage::parse_record_key(named.second);
    problem(fmt::format("revision {} names {}, which was not written then", named.first,
                        key ? key->id.to_string() : "a record of no kind"));
  }
  return {};
}

}  // namespace tulving::engine
