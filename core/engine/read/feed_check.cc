#include "core/engine/read/feed_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

namespace {

// Where else a row may be that the feed has named: a record's place is taken by its tombstone, and
// the tombstone's by the record. Before format 3 the tombstones of all kinds had one place.
std::vector<std::uint8_t> others_of(const storage::RecordKey& key) {
  constexpr auto kFormer = static_cast<std::uint8_t>(RecordKind::kTombstone);
  if (key.gone != 0) return {key.gone};
  if (key.kind == RecordKind::kTombstone) {
    std::vector<std::uint8_t> all;
    kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
      all.push_back(static_cast<std::uint8_t>(kinds::Kind<Record>::number));
    });
    return all;
  }
  if (!kinds::RecordKinds::with(key.kind, [](auto) {})) return {};  // Never erased.
  const storage::RecordKey tombstone{key.tenant, RecordKind::kTombstone, key.id,
                                     static_cast<std::uint8_t>(key.kind)};
  return {storage::kind_byte(tombstone), kFormer};
}

}  // namespace

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
    named_.emplace_back(*revision, storage::record_key(row->tenant, changed.kind, changed.id));
  }
}

void FeedCheck::record(const storage::RecordKey& key, std::string_view value) {
  const auto revision = storage::row_revision(value);
  if (!revision) return;  // The record's own check says so.
  expect_named(*revision, storage::record_key(key.tenant, storage::kind_byte(key), key.id),
               key.id.to_string());
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

// A record that was named is there, written then or later; or it is gone, and then its tombstone
// was written later, or after a tombstone the record.
Result<bool> FeedCheck::is_there(const Named& named) const {
  const auto key = storage::parse_record_key(named.second);
  if (!key) return false;
  const auto is_at = [&](std::uint8_t byte) -> Result<bool> {
    const auto value =
        reader_.get(Table::kRecords, storage::record_key(key->tenant, byte, key->id));
    if (!value) return value.error();
    if (!*value) return false;
    const auto revision = storage::row_revision(**value);
    return revision && *revision >= named.first;
  };
  auto found = is_at(storage::kind_byte(*key));
  for (const std::uint8_t other : others_of(*key)) {
    if (found && !*found) found = is_at(other);
  }
  return found;
}

Result<bool> FeedCheck::has_tenant(const Named& named) {
  const auto key = storage::parse_record_key(named.second);
  if (!key) return true;
  const auto [known, is_new] = tenants_.try_emplace(key->tenant, true);
  if (is_new) {
    const auto row = reader_.get(Table::kMeta, storage::tenant_key(key->tenant));
    if (!row) return row.error();
    known->second = row->has_value();
  }
  return known->second;
}

Status FeedCheck::finish() {
  if (first_ != 0 && last_ != revision_) {
    problem(fmt::format("it ends at revision {}; the store is at {}", last_, revision_));
  }
  for (const Named& named : named_) {
    const auto is_kept = has_tenant(named);
    if (!is_kept) return is_kept.error();
    if (!*is_kept) continue;  // It was dropped, with all that it had.
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
