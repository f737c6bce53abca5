// What rows written by earlier releases mean, for ever: tests/golden/ holds one row of each kind as
// the first release with that kind wrote it, every field set, and this file what it must decode to.
// A new format adds files and leaves these. TULVING_WRITE_GOLDEN=1 writes the ones that are
// missing.

#include <algorithm>
#include <charconv>

#include "core/base/hash.h"
#include "storage/codec/codec.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

Timestamp time(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

Uuid id(const char* text) { return *Uuid::parse(text); }

Memory golden_memory() {
  Memory memory;
  memory.id = id("0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
  memory.external_id = "note-17";
  memory.agent_id = "tim";
  memory.user_id = "ada";
  memory.project_id = "garden";
  memory.session_id = "spring";
  memory.task_id = "sow";
  memory.stage_id = "plan";
  memory.memory_type = "decision";
  memory.layer = Layer::kSemantic;
  memory.text = "Sow the beans after the last frost. 五月";
  memory.content = R"({"place":"north bed"})";
  memory.summary = "Beans after frost.";
  memory.tags = {"garden", "beans"};
  memory.entities = {"north bed"};
  memory.facts = {"frost ends in May"};
  memory.keywords = {"beans", "frost"};
  memory.metadata = R"({"mood":"sure"})";
  memory.source_type = SourceType::kDocument;
  memory.source_agent = "reader";
  memory.source_id = "almanac";
  memory.goal = "A harvest";
  memory.result = "Done";
  memory.feedback = "Good";
  memory.tool_usage = R"({"spade":1})";
  memory.actions = {"dig", "sow"};
  memory.outcome = "Sprouted";
  memory.success = true;
  memory.error_patterns = R"({"slugs":2})";
  memory.is_critical = true;
  memory.criticality_reason = "Once a year";
  memory.priority = 9;
  memory.strength = 1.5F;
  memory.use_count = 3;
  memory.review_count = 4;
  memory.cross_domain_count = 5;
  memory.relevance_score = 0.25F;
  memory.status = MemoryStatus::kArchived;
  memory.created_at = time(1'700'000'000'000'001);
  memory.updated_at = time(1'700'000'000'000'002);
  memory.last_used = time(-3);
  memory.expires_at = time(1'700'000'000'000'004);
  memory.promoted_at = time(1'700'000'000'000'005);
  memory.archived_at = time(1'700'000'000'000'006);
  memory.deleted_at = time(0);
  memory.ltm_path = "vault/beans.md";
  memory.parent_memory_id = id("11111111-1111-4111-8111-111111111111");
  memory.consolidated_into_id = id("22222222-2222-4222-8222-222222222222");
  memory.abstraction_level = 2;
  memory.pattern_type = PatternType::kWorkflow;
  memory.confidence_score = 0.5F;
  memory.source_memory_ids = {id("33333333-3333-4333-8333-333333333333")};
  memory.consolidation_method = ConsolidationMethod::kHybrid;
  memory.consolidated_at = time(1'700'000'000'000'007);
  memory.reuse_count = 6;
  memory.content_hash = "0123456789abcdef0123456789abcdef";
  memory.revision = 77;
  return memory;
}

Session golden_session() {
  Session session;
  session.session_id = "spring";
  session.user_id = "ada";
  session.session_type = "planning";
  session.summary = "What to sow";
  session.metadata = R"({"room":2})";
  session.is_archived = true;
  session.created_at = time(10);
  session.updated_at = time(0);
  session.ended_at = time(12);
  session.revision = 78;
  return session;
}

Relation golden_relation() {
  Relation relation;
  relation.id = id("44444444-4444-4444-8444-444444444444");
  relation.source_id = id("55555555-5555-4555-8555-555555555555");
  relation.target_id = id("66666666-6666-4666-8666-666666666666");
  relation.relation_type = "causes";
  relation.strength = 0.75F;
  relation.confidence = 0.125F;
  relation.metadata = R"({"why":"frost"})";
  relation.created_at = time(13);
  relation.revision = 79;
  return relation;
}

ConsolidationTask golden_task() {
  ConsolidationTask task;
  task.task_id = "merge-0123456789abcdef";
  task.title = "Merge 2 memories";
  task.agent = UpkeepAgent::kRelations;
  task.urgency = Urgency::kHigh;
  task.labels = {"weekly", "garden"};
  task.priority = 1;
  task.status = ConsolidationTaskStatus::kBlocked;
  task.approval = Approval::kApproved;
  task.action = "merge";
  task.memory_ids = {id("11111111-1111-4111-8111-111111111111"),
                     id("22222222-2222-4222-8222-222222222222")};
  task.score = 0.125;
  task.cohesion = -0.25;
  task.confidence = 0.75;
  task.notes = R"({"size":2})";
  task.retry_count = 2;
  task.error = "timed out 五";
  task.retry_at = time(20);
  task.claimed_by = "worker-1";
  task.claimed_until = time(0);
  task.created_at = time(22);
  task.updated_at = time(23);
  task.closed_at = time(24);
  task.tracker_fields = R"({"assignee":"ada"})";
  task.revision = 90;
  return task;
}

Plan golden_plan() {
  Plan plan;
  plan.id = id("99999999-9999-4999-8999-999999999999");
  plan.origin = "consolidate";
  plan.status = PlanStatus::kUndone;
  plan.agents = {UpkeepAgent::kDecay, UpkeepAgent::kMerge, UpkeepAgent::kRelations};
  plan.created_at = time(30);
  plan.applied_at = time(31);
  plan.undone_at = time(0);
  PlanItem item;
  item.agent = UpkeepAgent::kMerge;
  item.action = "merge";
  item.inputs = {{id("11111111-1111-4111-8111-111111111111"), 7},
                 {id("22222222-2222-4222-8222-222222222222"), 1ULL << 40U}};
  item.confidence = 0.875;
  item.decision = Decision::kWait;
  item.outcome = ItemOutcome::kFailed;
  item.task_id = golden_task().task_id;
  item.reason = "cohesion 0.91 >= 0.75";
  item.result = R"({"cohesion":0.91})";
  item.error = "no words";
  plan.items = {item, PlanItem{}};
  Memory made = golden_memory();
  made.embeddings = {{"default", {0.5F, -1.0F}}, {"ada", {2.0F}}};
  Memory changed = golden_memory();
  changed.status = MemoryStatus::kActive;
  plan.changes = {{changed, golden_memory()},     {{}, made},
                  {golden_relation(), {}},        {{}, golden_relation()},
                  {golden_task(), golden_task()}, {}};
  plan.erased = {id("33333333-3333-4333-8333-333333333333")};
  plan.revision = 91;
  return plan;
}

ConsolidationJob golden_job() {
  ConsolidationJob job;
  job.id = id("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
  job.project_id = "garden";
  job.status = JobStatus::kFailed;
  job.trigger = JobTrigger::kUrgent;
  job.triggered_by = "ada";
  job.scope = {time(40), time(41), {"decision", "context"}, false};
  job.phases_completed = {JobPhase::kPatternExtraction, JobPhase::kHierarchyCreation};
  job.progress = 0.5;
  job.metrics = {1, 2, 3, 4, 5};
  job.plan_ids = {golden_plan().id};
  job.errors = {"memory_merging: no words"};
  job.retry_count = 1;
  job.retries_max = 5;
  job.created_at = time(42);
  job.started_at = time(0);
  job.completed_at = time(44);
  job.revision = 92;
  return job;
}

const StoredEmbedding kEmbedding{80, {0.5F, -1.0F, 3.25F}};
const Tombstone kTombstone{81, 2, "spring", 0x1122334455667788U};
const IdempotencyRecord kIdempotency{
    83, {Uuid{}, *Uuid::parse("77777777-7777-4777-8777-777777777777")}, {0, 3}, {}};
const IdempotencyRecord kIdempotencyWithPayload{
    83, {Uuid{}}, {1}, "0123456789abcdef0123456789abcdef"};
const TenantRow kTenant{4, 84, "acme"};
const ModelRow kModel{5, 85, "text-embedding-3-small", 1536};
const StoreRow kStore{1, *Uuid::parse("88888888-8888-4888-8888-888888888888"), 86};

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
  const auto row =
      decode_relation(golden("format1_relation_of_defaults", encode_relation(relation)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == relation);
  ConsolidationTask task;
  task.task_id = "t";
  const auto task_row = decode_task(golden("format1_task_of_defaults", encode_task(task)));
  ASSERT_THAT(task_row, Succeeds());
  EXPECT_TRUE(*task_row == task);
  Plan plan;
  plan.id = golden_plan().id;
  const auto plan_row = decode_plan(golden("format1_plan_of_defaults", encode_plan(plan)));
  ASSERT_THAT(plan_row, Succeeds());
  EXPECT_TRUE(*plan_row == plan);
  ConsolidationJob job;
  job.id = golden_job().id;
  const auto job_row = decode_job(golden("format1_job_of_defaults", encode_job(job)));
  ASSERT_THAT(job_row, Succeeds());
  EXPECT_TRUE(*job_row == job);
}

TEST(Golden, SessionOfFormat1) {
  const auto row = decode_session(golden("format1_session", encode_session(golden_session())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_session());
}

TEST(Golden, RelationOfFormat1) {
  const auto row = decode_relation(golden("format1_relation", encode_relation(golden_relation())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_relation());
}

TEST(Golden, TaskOfFormat1) {
  const auto row = decode_task(golden("format1_task", encode_task(golden_task())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_task());
}

TEST(Golden, PlanOfFormat1) {
  const auto row = decode_plan(golden("format1_plan", encode_plan(golden_plan())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_plan());
}

TEST(Golden, JobOfFormat1) {
  const auto row = decode_job(golden("format1_job", encode_job(golden_job())));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == golden_job());
}

TEST(Golden, EmbeddingOfFormat1) {
  const auto row = decode_embedding(
      golden("format1_embedding", encode_embedding(kEmbedding.revision, kEmbedding.vector)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kEmbedding);
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

TEST(Golden, StoreOfFormat1) {
  const auto row = decode_store(golden("format1_store", encode_store(kStore)));
  ASSERT_THAT(row, Succeeds());
  EXPECT_TRUE(*row == kStore);
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
