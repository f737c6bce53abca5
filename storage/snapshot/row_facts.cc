#include "storage/snapshot/row_facts.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/kinds/kinds.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"

namespace tulving::storage {
namespace {

template <class Row>
Result<RowFacts> facts_of(std::string_view kind, const Result<Row>& row) {
  if (!row) return row.error();
  return RowFacts{kind};
}

Error unknown_key(std::string_view table) {
  return {ErrorCode::kCorruption, fmt::format("a key in table {} has an unknown form", table)};
}

Result<RowFacts> meta_facts(std::string_view key, std::string_view value) {
  TULVING_DCHECK(!key.starts_with(kChangePrefix));  // The feed stays behind: see SnapshotRows.
  if (key == store_key()) return facts_of("", decode_store(value));
  if (key.size() == model_key(0).size() && key.front() == 'm') {
    return facts_of("", decode_model(value));
  }
  if (key.size() == tenant_key(0).size() && key.front() == 't') {
    return facts_of("tenant", decode_tenant(value));
  }
  if (key.starts_with(kDroppedPrefix)) {
    const auto dropped = decode_tenant(value);
    if (!dropped) return dropped.error();
    if (dropped_key(dropped->tenant_id) == key) return RowFacts{};
  }
  return unknown_key("meta");
}

Result<RowFacts> record_facts(std::string_view key, std::string_view value) {
  const auto parsed = parse_record_key(key);
  if (!parsed) return unknown_key("records");
  Result<RowFacts> facts = unknown_key("records");
  const auto plain = [&]<class Record>(kinds::Tag<Record>) {
    facts = facts_of(kinds::Kind<Record>::name, decode<Record>(value));
  };
  if (kinds::PlainKinds::with(parsed->kind, plain)) return facts;
  switch (parsed->kind) {
    case RecordKind::kMemory: {
      const auto memory = MemoryRecord::decode(std::string(value));
      if (!memory) return memory.error();
      return RowFacts{"memory"};
    }
    case RecordKind::kPlan:
      return facts_of("plan", decode_plan(value));
    case RecordKind::kTombstone:
      return facts_of("tombstone", decode_tombstone(value));
    case RecordKind::kIdempotency:
      return facts_of("", decode_idempotency(value));
    default:
      return facts;
  }
}

}  // namespace

Result<RowFacts> row_facts(Table table, std::string_view key, std::string_view value) {
  switch (table) {
    case Table::kMeta:
      return meta_facts(key, value);
    case Table::kRecords:
      return record_facts(key, value);
    case Table::kVectors:
      if (!parse_vector_key(key)) return unknown_key("vectors");
      return facts_of("embedding", decode_embedding(value));
    case Table::kHistory:
      return facts_of("history", decode_history(value));
  }
  return unknown_key("of no name");
}

}  // namespace tulving::storage
