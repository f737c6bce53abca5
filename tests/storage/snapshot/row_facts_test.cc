// What a snapshot is told of each row that it takes: how it is counted; and that a row which is
// damaged, or lies under a key that no release writes, never gets into one.

#include "storage/snapshot/row_facts.h"

#include <vector>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

struct Row {
  Table table;
  std::string key;
  std::string value;
  std::string_view counted_as;
};

std::vector<Row> rows() {
  RandomRecords random(1);
  const Memory memory = random.memory();
  const std::string record(MemoryRecord::encode(memory)->bytes());
  const auto key = [&](RecordKind kind) { return record_key(3, kind, memory.id); };
  return {
      {Table::kMeta, store_key(), encode_store({1, memory.id, 5}), ""},
      {Table::kMeta, model_key(0), encode_model({0, 5, "default", 3}), ""},
      {Table::kMeta, tenant_key(3), encode_tenant({3, 5, "acme"}), "tenant"},
      {Table::kRecords, key(RecordKind::kMemory), record, "memory"},
      {Table::kRecords, key(RecordKind::kPlan), encode_plan(random.plan()), "plan"},
      {Table::kRecords, key(RecordKind::kTombstone), encode_tombstone(random.tombstone()),
       "tombstone"},
      {Table::kRecords, tombstone_key(3, RecordKind::kSession, memory.id),
       encode_tombstone(random.tombstone()), "tombstone"},
      {Table::kRecords, key(RecordKind::kIdempotency), encode_idempotency(random.idempotency()),
       ""},
      {Table::kVectors, vector_key(3, memory.id, 0), encode_embedding(5, random.vector()),
       "embedding"},
      {Table::kHistory, history_key(3, memory.id, 4),
       encode_history({"update", 4, random.time(), record}), "history"},
  };
}

TEST(RowFacts, CountARowUnderItsKind) {
  for (const Row& row : rows()) {
    const auto facts = row_facts(row.table, row.key, row.value);
    ASSERT_THAT(facts, Succeeds());
    EXPECT_EQ(facts->kind, row.counted_as);
  }
}

TEST(RowFacts, RefuseARowThatIsDamaged) {
  for (const Row& row : rows()) {
    const auto facts = row_facts(row.table, row.key, row.value.substr(0, row.value.size() / 2));
    EXPECT_THAT(facts, FailsWith(ErrorCode::kCorruption)) << "counted as " << row.counted_as;
  }
}

TEST(RowFacts, RefuseAKeyThatNoReleaseWrites) {
  const std::string memory = rows()[3].value;
  EXPECT_THAT(row_facts(Table::kMeta, "x", memory), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(row_facts(Table::kRecords, "short", memory), FailsWith(ErrorCode::kCorruption));
  const std::string of_no_kind = record_key(3, static_cast<RecordKind>(99), Uuid::random());
  EXPECT_THAT(row_facts(Table::kRecords, of_no_kind, memory), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(row_facts(Table::kVectors, "short", rows()[8].value),
              FailsWith(ErrorCode::kCorruption));
}

}  // namespace
}  // namespace tulving::storage
