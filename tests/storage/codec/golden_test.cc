// What rows written by earlier releases mean, for ever: tests/golden/ holds one row of each kind as
// the first release with that kind wrote it, every field set, and this file what it must decode to.
// A new format adds files and leaves these. TULVING_WRITE_GOLDEN=1 writes the ones that are
// missing.

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/base/hash.h"
#include "storage/codec/codec.h"
#include "tests/storage/codec/golden_records.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

const StoredEmbedding kEmbedding{80, {0.5F, -1.0F, 3.25F}};
const Tombstone kTombstone{81, 2, "spring", 0x1122334455667788U};
const Tombstone kTombstoneWithContentId{81, 2, "", 0x1122334455667788U,
                                        *Uuid::parse("99999999-9999-4999-9999-999999999999")};
const IdempotencyRecord kIdempotency{
    83, {Uuid{}, *Uuid::parse("77777777-7777-4777-8777-777777777777")}, {0, 3}, {}};
const IdempotencyRecord kIdempotencyWithPayload{
    83, {Uuid{}}, {1}, "0123456789abcdef0123456789abcdef"};
const TenantRow kTenant{4, 84, "acme"};
const ModelRow kModel{5, 85, "text-embedding-3-small", 1536};
const ModelRow kModelOfTenant{5, 85, "text-embedding-3-small", 1536, 4};
const StoreRow kStore{1, *Uuid::parse("88888888-8888-4888-8888-888888888888"), 86};

const StoreRow kStoreOfIncarnations{
    3, *Uuid::parse("88888888-8888-4888-8888-888888888888"), 87,
    Incarnations({{*Uuid::parse("77777777-7777-4777-8777-777777777777"), 0},
                  {*Uuid::parse("99999999-9999-4999-9999-999999999999"), 86}})};

std::string memory_bytes() { return std::string(MemoryRecord::encode(golden_memory())->bytes()); }

HistoryRecord golden_history() { return {"update", 82, time(14), memory_bytes()}; }

std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(TULVING_SOURCE_DIR) / "tests/golden" / (name + ".hex");
}

std::string from_hex(std::string text) {
  std::erase(text, '\n');
  std::string bytes;
  for (std::size_t i = 0; i + 2 <= text.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

/// The stored row. Where it is missing and writing is asked for, `encoded` becomes it.
std::string golden(const std::string& name, const std::string& encoded) {
  const auto path = golden_path(name);
  if (std::getenv("TULVING_WRITE_GOLDEN") != nullptr && !std::filesystem::exists(path)) {
    std::string text =
        to_hex({reinterpret_cast<const std::uint8_t*>(encoded.data()), encoded.size()});
    constexpr std::size_t line = 96;
    for (std::size_t i = std::min(line, text.size()); i < text.size(); i += line + 1) {
      text.insert(i, "\n");
    }
    write_file(path, text + "\n");
  }
  return from_hex(read_file(path));
}

TEST(Golden, MemoryOfFormat1) {
  const auto record = MemoryRecord::decode(golden("format1_memory", memory_bytes()));
  ASSERT_THAT(record, Succeeds());
  EXPECT_TRUE((*record)->to_memory() == golden_memory());
}

// What equals a default is left out of the bytes, so the schema's defaults are format too.
TEST(Golden, RecordsOfDefaultsOfFormat1) {
  Memory memory;
  memory.id = golden_memory().id;
  memory.created_at = memory.updated_at = memory.last_used = time(0);
  const auto record = MemoryRecord::decode(
      golden("format1_memory_of_defaults", std::string(MemoryRecord::encode(memory)->bytes())));
  ASSERT_THAT(record, Succeeds());
  EXPECT_TRUE((*record)->to_memory() == memory);
  Relation relation;
  relation.id = golden_relation().id;
  relation.source_id = golden_relation().source_id;
  relation.target_id = golden_relation().target_id;
  const auto row = decode<Relation>(golden("format1_relation_of_defaults", encode(relation)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == relation);
  ConsolidationTask task;
  task.task_id = "t";
  const auto task_row = decode<ConsolidationTask>(golden("format1_task_of_defaults", encode(task)));
  ASSERT_THAT(task_row, Succeeds());
  EXPECT_TRUE(*task_row == task);
  Plan plan;
  plan.id = golden_plan().id;
  const auto plan_row = decode_plan(golden("format1_plan_of_defaults", encode_plan(plan)));
  ASSERT_THAT(plan_row, Succeeds());
  EXPECT_TRUE(*plan_row == plan);
  ConsolidationJob job;
  job.id = golden_job().id;
  const auto job_row = decode<ConsolidationJob>(golden("format1_job_of_defaults", encode(job)));
  ASSERT_THAT(job_row, Succeeds());
  EXPECT_TRUE(*job_row == job);
}

TEST(Golden, SessionOfFormat1) {
  const auto row = decode<Session>(golden("format1_session", encode(golden_session())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_session());
}

TEST(Golden, RelationOfFormat1) {
  const auto row = decode<Relation>(golden("format1_relation", encode(golden_relation())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_relation());
}

TEST(Golden, TaskOfFormat1) {
  const auto row = decode<ConsolidationTask>(golden("format1_task", encode(golden_task())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_task());
}

// `bytes` with the one float `from` in them made `to`.
std::string with_float(std::string bytes, float from, float to) {
  std::string pattern(sizeof from, '\0');
  std::memcpy(pattern.data(), &from, sizeof from);
  const std::size_t at = bytes.find(pattern);
  EXPECT_NE(at, std::string::npos);
  EXPECT_EQ(bytes.find(pattern, at + 1), std::string::npos) << "more than one";
  std::memcpy(bytes.data() + at, &to, sizeof to);
  return bytes;
}

// Rows of format 1 hold floats: what a user wrote as 0.87 is 0.87, not the float's 0.8700000048.
TEST(Golden, FloatsOfFormat1AreTheDecimalsThatTheyShow) {
  const auto relation = decode<Relation>(
      with_float(with_float(golden("format1_relation", ""), 0.75F, 0.87F), 0.125F, 0.1F));
  ASSERT_THAT(relation, Succeeds());
  EXPECT_EQ(relation->strength, 0.87);
  EXPECT_EQ(relation->confidence, 0.1);
  const auto memory = MemoryRecord::decode(
      with_float(with_float(golden("format1_memory", ""), 1.5F, 1.1F), 0.25F, 0.3F));
  ASSERT_THAT(memory, Succeeds());
  EXPECT_EQ((*memory)->strength(), 1.1);
  EXPECT_EQ((*memory)->to_memory().relevance_score, 0.3);
  EXPECT_THAT(decode<Relation>(with_float(golden("format1_relation", ""), 0.75F, 1.5F)),
              FailsWith(ErrorCode::kCorruption, "range"));
}

TEST(Golden, PlanOfFormat1) {
  const auto row = decode_plan(golden("format1_plan", encode_plan(golden_plan())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_plan());
}

TEST(Golden, JobOfFormat1) {
  const auto row = decode<ConsolidationJob>(golden("format1_job", encode(golden_job())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_job());
}

TEST(Golden, EmbeddingOfFormat1) {
  const auto row = decode_embedding(
      golden("format1_embedding", encode_embedding(kEmbedding.revision, kEmbedding.vector)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kEmbedding);
}

TEST(Golden, EmbeddingOfFormat5) {
  const StoredEmbedding embedding{80, {0.5F, -1.0F, 3.25F, 0, 1.5F, 0}, 3};
  const auto row = decode_embedding(
      golden("format5_embedding",
             encode_embedding(embedding.revision, embedding.vector, embedding.passages)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == embedding);
}

TEST(Golden, TombstoneOfFormat1) {
  const auto row = decode_tombstone(golden("format1_tombstone", encode_tombstone(kTombstone)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kTombstone);
}

TEST(Golden, HistoryOfFormat1) {
  const auto row = decode_history(golden("format1_history", encode_history(golden_history())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_EQ(row->operation, "update");
  EXPECT_EQ(row->revision, 82U);
  EXPECT_EQ(row->at, time(14));
  const auto memory = MemoryRecord::decode(row->memory);
  ASSERT_THAT(memory, Succeeds());
  EXPECT_TRUE((*memory)->to_memory() == golden_memory());
}

TEST(Golden, IdempotencyKeyOfFormat1) {
  const auto row =
      decode_idempotency(golden("format1_idempotency", encode_idempotency(kIdempotency)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kIdempotency);
}

TEST(Golden, IdempotencyKeyWithPayloadOfFormat1) {
  const auto row = decode_idempotency(
      golden("format1_idempotency_with_payload", encode_idempotency(kIdempotencyWithPayload)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kIdempotencyWithPayload);
}

TEST(Golden, TenantOfFormat1) {
  const auto row = decode_tenant(golden("format1_tenant", encode_tenant(kTenant)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kTenant);
}

TEST(Golden, ModelOfFormat1) {
  const auto row = decode_model(golden("format1_model", encode_model(kModel)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kModel);
}

TEST(Golden, ModelAndTombstoneOfFormat3) {
  const auto model = decode_model(golden("format3_model", encode_model(kModelOfTenant)));
  ASSERT_THAT(model, Succeeds());
  EXPECT_TRUE(*model == kModelOfTenant);
  const auto tombstone =
      decode_tombstone(golden("format3_tombstone", encode_tombstone(kTombstoneWithContentId)));
  ASSERT_THAT(tombstone, Succeeds());
  EXPECT_TRUE(*tombstone == kTombstoneWithContentId);
}

TEST(Golden, StoreOfFormat1) {
  const auto row = decode_store(golden("format1_store", encode_store(kStore)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kStore);
}

TEST(Golden, StoreOfFormat3) {
  const auto row = decode_store(golden("format3_store", encode_store(kStoreOfIncarnations)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kStoreOfIncarnations);
}

TEST(Golden, RowOfTheChangeFeedOfFormat2) {
  const ChangeRow written{92,
                          300,
                          7,
                          {{1, id("1c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60")},
                           {2, id("0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60")}}};
  const auto row = decode_change(golden("format2_change", encode_change(written)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_EQ(std::tie(row->revision, row->total, row->tenant, row->changed),
            std::tie(written.revision, written.total, written.tenant, written.changed));
}

}  // namespace
}  // namespace tulving::storage
