#include <fmt/format.h>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/snapshot/row_facts.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving::storage {
namespace {

std::string_view table_name(Table table) {
  switch (table) {
    case Table::kMeta:
      return "meta";
    case Table::kRecords:
      return "records";
    case Table::kVectors:
      return "vectors";
    case Table::kHistory:
      return "history";
  }
  return "of no name";
}

/// The row's key, by its parts where it has the form of one.
std::string shown_key(Table table, std::string_view key) {
  if (table == Table::kRecords) {
    if (const auto parsed = parse_record_key(key)) {
      return fmt::format("of kind {} and id {}", static_cast<int>(parsed->kind),
                         parsed->id.to_string());
    }
  } else if (const auto vector = parse_vector_key(key); table == Table::kVectors && vector) {
    return fmt::format("of memory {} and model number {}", vector->memory.to_string(),
                       vector->model);
  } else if (const auto version = parse_history_key(key); table == Table::kHistory && version) {
    return fmt::format("of memory {} and revision {}", version->memory.to_string(),
                       version->revision);
  }
  std::string bytes;
  for (const char byte : key.substr(0, 64)) {
    bytes += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return "with the key " + bytes;
}

Error unsound(Table table, std::string_view key, std::string_view rule) {
  return {ErrorCode::kCorruption, fmt::format("the snapshot's row {} in table {}: {}",
                                              shown_key(table, key), table_name(table), rule)};
}

}  // namespace

Status ContentsCheck::row(Table table, std::string_view key, std::string_view value) {
  if (table == Table::kMeta && key.starts_with(kChangePrefix)) {
    return unsound(table, key, "a snapshot holds no change feed");
  }
  const auto facts = row_facts(table, key, value);
  if (!facts) return unsound(table, key, facts.error().message);
  if (!facts->kind.empty()) ++counts_[std::string(facts->kind)];
  const auto revision = row_revision(value);
  if (!revision) return unsound(table, key, revision.error().message);
  if (*revision > info_.revision) {
    return unsound(
        table, key,
        fmt::format("its revision is {}; the snapshot's is {}", *revision, info_.revision));
  }
  if (table != Table::kMeta || key != store_key()) return {};
  has_store_row_ = true;
  const auto store = decode_store(value);
  if (!store) return unsound(table, key, store.error().message);
  if (store->store_id.to_string() == info_.store_id) return {};
  return unsound(table, key,
                 fmt::format("it is of store {}; the manifest is of {}",
                             store->store_id.to_string(), info_.store_id));
}

Status ContentsCheck::finish() const {
  if (!has_store_row_) return Error{ErrorCode::kCorruption, "the snapshot has no store row"};
  // A kind that one of the two does not name has no rows there.
  for (const auto* counted : {&counts_, &info_.counts}) {
    for (const auto& entry : *counted) {
      const std::string& kind = entry.first;
      const auto count_in = [&](const std::map<std::string, std::uint64_t>& counts) {
        const auto found = counts.find(kind);
        return found == counts.end() ? 0 : found->second;
      };
      if (count_in(counts_) == count_in(info_.counts)) continue;
      return Error{ErrorCode::kCorruption,
                   fmt::format("the snapshot holds {} rows of kind {}; its manifest says {}",
                               count_in(counts_), kind, count_in(info_.counts))};
    }
  }
  return {};
}

}  // namespace tulving::storage
