// What is promised: verify() names every difference between RAM and log, of every kind of record,
// table and index. The test can tell because it plants one at a time, in RAM behind the engine's
// back or in the log under it, into a store that has some of everything and was sound before.

#include <ostream>

#include "tests/engine/store/verify_world.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Plant {
  std::string_view name;
  std::string_view named;  // In a problem.
  void (*plant)(World&);
};

std::ostream& operator<<(std::ostream& out, const Plant& plant) { return out << plant.name; }

class Verify : public ::testing::TestWithParam<Plant> {};

TEST_P(Verify, NamesADifference) {
  World world;
  ASSERT_THAT(value_of(world.store.verify()).problems, IsEmpty());
  GetParam().plant(world);
  EXPECT_THAT(value_of(world.store.verify()).problems,
              Contains(HasSubstr(std::string(GetParam().named))));
}

using storage::RecordKind;
using storage::Table;
constexpr auto kTag = static_cast<std::uint16_t>(Field::kTag);

Memory other_than(const World& world, const Uuid& id) {
  Memory memory = world.state().memories.record(world.row(id))->to_memory();
  memory.summary = "Something else.";
  return memory;
}

void replace_in_ram(const World& world, const Memory& memory) {
  world.state().memories.put(world.row(memory.id), storage::MemoryRecord::encode(memory));
}

const Plant kInRam[] = {
    {"AMemoryThatDiffers", "memory", [](World& w) { replace_in_ram(w, other_than(w, w.first)); }},
    {"AMemoryThatIsNotThere", "differs from RAM",
     [](World& w) { w.state().memories.erase(w.row(w.first)); }},
    {"AMemoryTooMany", "memories: ",
     [](World& w) {
       Memory more = other_than(w, w.plain);
       more.id = Uuid::random();
       w.state().memories.put(w.state().memories.row_for(more.id),
                              storage::MemoryRecord::encode(more));
     }},
    {"AColumnOfScores", "the columns of scores",
     [](World& w) { (w.state().memories.*member_of(Strengths{}))[w.row(w.first)] = 2; }},
    {"ATimeOfCreation", "the order of times",
     [](World& w) { w.state().created.set(w.row(w.first), 1); }},
    {"ATimeOfCreationTooMany",
     "times of creation: ", [](World& w) { w.state().created.set(99, 1); }},
    {"ATimeOfChange", "the order of times",
     [](World& w) { w.state().updated.set(w.row(w.first), 1); }},
    {"ATimeOfChangeTooMany", "times of change: ", [](World& w) { w.state().updated.set(99, 1); }},
    {"ATimeOfUse", "the order of times",
     [](World& w) { w.state().last_used.erase(w.row(w.first)); }},
    {"ATimeOfUseTooMany", "times of use: ", [](World& w) { w.state().last_used.set(99, 1); }},
    {"AnExpiry", "the order of times", [](World& w) { w.state().expires.erase(w.row(w.first)); }},
    {"AnExpiryTooMany", "the order of times",
     [](World& w) { w.state().expires.set(w.row(w.plain), 1); }},
    {"AnAttribute", "the attributes",
     [](World& w) { w.state().attributes.remove(w.row(w.first), kTag, "music"); }},
    {"AnAttributeTooMany",
     "attributes: ", [](World& w) { w.state().attributes.add(w.row(w.first), kTag, "noise"); }},
    {"AMetadataValue", "the attributes",
     [](World& w) {
       w.state().attributes.remove(w.row(w.first), engine::kMetadataField,
                                   std::string("mood\0\"good\"", 11));
     }},
    {"ATextByHash", "the texts by hash",
     [](World& w) { (w.state().*member_of(RowsByText{})).clear(); }},
    {"ATextByHashTooMany", "texts by hash: ",
     [](World& w) { (w.state().*member_of(RowsByText{}))[7].push_back(w.row(w.first)); }},
    {"AText", "differs from the text index",
     [](World& w) { w.state().text().set(w.row(w.first), "Ada plays the viola."); }},
    {"ATextThatIsNotThere",
     "texts in the index: ", [](World& w) { w.state().text().erase(w.row(w.first)); }},
    {"ATextTooMany", "texts in the index: ", [](World& w) { w.state().text().set(99, "more"); }},
    {"AVector", "embedding of memory",
     [](World& w) {
       w.vectors().set(w.row(w.first), std::vector<float>{0, 0, 1});
     }},
    {"AVectorNearly", "embedding of memory",
     [](World& w) {
       w.vectors().set(w.row(w.first), std::vector<float>{1, 0.002F, 0});
     }},
    {"APassageTooMany", "embedding of memory",
     [](World& w) {
       w.vectors().set(w.row(w.first), std::vector<float>{1, 0, 0, 1, 0, 0});
     }},
    {"AVectorThatIsNotThere", "is not in the vector index",
     [](World& w) { w.vectors().erase(w.row(w.first)); }},
    {"AVectorTooMany", "vectors: ",
     [](World& w) {
       w.vectors().set(w.row(w.plain), std::vector<float>{0, 0, 1});
     }},
    {"ALink", "differs from the relation graph",
     [](World& w) {
       w.state().graph.set({w.row(w.first), w.row(w.second), 0, 0.9F});
     }},
    {"ALinkTooMany", "links of the relation graph: ",
     [](World& w) {
       w.state().graph.set({w.row(w.second), w.row(w.plain), 0, 0.9F});
     }},
    {"ATurn", "the order of turns",
     [](World& w) {
       w.state().turns.remove("s", w.state().memories.created_us(w.row(w.first)), w.row(w.first));
     }},
    {"ATurnTooMany", "turns: ", [](World& w) { w.state().turns.add("s", 1, w.row(w.plain)); }},
    {"ASessionsContent", "session",
     [](World& w) { w.alter<Session>("s", [](Session& s) { s.summary = "Of Bob."; }); }},
    {"ASessionThatIsNotThere", "sessions: ", [](World& w) { w.table<Session>().erase("s"); }},
    {"ASessionTooMany",
     "sessions: ", [](World& w) { w.alter<Session>("s", [](Session& s) { s.session_id = "t"; }); }},
    {"ARelation", "relation",
     [](World& w) { w.alter<Relation>(w.relation.id, [](Relation& r) { r.confidence = 0.1; }); }},
    {"ARelationTooMany", "relations: ",
     [](World& w) {
       w.alter<Relation>(w.relation.id, [](Relation& r) { r.id = Uuid::random(); });
     }},
    {"ATask", "task",
     [](World& w) {
       w.alter<ConsolidationTask>("task", [](auto& task) { task.title = "Link them"; });
     }},
    {"ATaskTooMany", "tasks: ",
     [](World& w) {
       w.alter<ConsolidationTask>("task", [](auto& task) { task.task_id = "more"; });
     }},
    {"APlansSummary", "plan",
     [](World& w) { w.state().plans.at(w.plan).summary.status = PlanStatus::kApplied; }},
    {"APlansMemories", "plan", [](World& w) { w.state().plans.at(w.plan).memories.clear(); }},
    {"APlanTooMany", "plans: ", [](World& w) { w.state().plans[Uuid::random()] = {}; }},
    {"AJob", "job",
     [](World& w) { w.alter<ConsolidationJob>(w.job, [](auto& job) { job.progress = 0.5; }); }},
    {"AJobTooMany", "jobs: ",
     [](World& w) {
       w.alter<ConsolidationJob>(w.job, [](auto& job) { job.id = Uuid::random(); });
     }},
    {"AnErasure", "tombstone", [](World& w) { w.state().forget_tombstone(w.erased); }},
    {"ABannedText", "tombstone", [](World& w) { w.state().erased_texts.clear(); }},
    {"AnErasureTooMany", "erased memories: ",
     [](World& w) {
       w.state().see_tombstone(Uuid::random(), {7, {}});
     }},
    {"ABannedTextTooMany", "banned texts: ",
     [](World& w) {
       w.state().erased_texts.add({7, {}});
     }},
    {"ARetraction", "tombstone", [](World& w) { w.state().retracted_ids.clear(); }},
    {"ARetractionTooMany",
     "memories taken back: ", [](World& w) { w.state().see_tombstone(Uuid::random(), {}); }},
    {"AVault", "vaults", [](World& w) { w.state().vaults = {"/other"}; }},
};

const Plant kInLog[] = {
    {"AMemory", "differs from RAM",
     [](World& w) {
       w.put(Table::kRecords, w.key(RecordKind::kMemory, w.first),
             std::string(storage::MemoryRecord::encode(other_than(w, w.first))->bytes()));
     }},
    {"AMemoryThatIsNotThere",
     "memories: ", [](World& w) { w.erase(Table::kRecords, w.key(RecordKind::kMemory, w.first)); }},
    {"AnEmbeddingThatIsNotThere", "vectors: ",
     [](World& w) { w.erase(Table::kVectors, storage::vector_key(w.number(), w.first, 0)); }},
    {"AnEmbedding", "embedding of memory",
     [](World& w) {
       w.put(Table::kVectors, storage::vector_key(w.number(), w.first, 0),
             storage::encode_embedding(1, std::vector<float>{0, 0, 1}));
     }},
    {"APassageTooMany", "embedding of memory",
     [](World& w) {
       w.put(Table::kVectors, storage::vector_key(w.number(), w.first, 0),
             storage::encode_embedding(1, std::vector<float>{1, 0, 0, 0, 1, 0}, 2));
     }},
    {"AnEmbeddingOfAnotherDimension", "is malformed",
     [](World& w) {
       w.put(Table::kVectors, storage::vector_key(w.number(), w.first, 0),
             storage::encode_embedding(1, std::vector<float>{1, 0}));
     }},
    {"AnEmbeddingOfNoModel", "of no model",
     [](World& w) {
       w.put(Table::kVectors, storage::vector_key(w.number(), w.first, 9),
             storage::encode_embedding(1, std::vector<float>{1, 0, 0}));
     }},
    {"AVersionOfNoMemory", "is of no memory",
     [](World& w) {
       w.put(Table::kHistory, storage::history_key(w.number(), Uuid::random(), 1),
             storage::encode_history(
                 {"update", 1, at(1), std::string(w.state().memories.record(0)->bytes())}));
     }},
    {"AVersionOfTomorrow", "is not older",
     [](World& w) {
       w.put(Table::kHistory, storage::history_key(w.number(), w.first, 1'000),
             storage::encode_history(
                 {"update", 1, at(1), std::string(w.state().memories.record(0)->bytes())}));
     }},
    {"ASessionThatIsNotThere",
     "sessions: ", [](World& w) { w.erase(Table::kRecords, w.session_key()); }},
    {"ASessionUnderAnotherKey", "session",
     [](World& w) {
       w.erase(Table::kRecords, w.session_key());
       w.put(Table::kRecords, w.key(RecordKind::kSession, Uuid::random()),
             storage::encode(w.session()));
     }},
    {"ARelationThatIsNotThere", "relations: ",
     [](World& w) { w.erase(Table::kRecords, w.key(RecordKind::kRelation, w.relation.id)); }},
    {"ATaskThatIsNotThere", "tasks: ", [](World& w) { w.erase(Table::kRecords, w.task_key()); }},
    {"APlanThatIsNotThere",
     "plans: ", [](World& w) { w.erase(Table::kRecords, w.key(RecordKind::kPlan, w.plan)); }},
    {"AJobThatIsNotThere", "jobs: ",
     [](World& w) { w.erase(Table::kRecords, w.key(RecordKind::kConsolidationJob, w.job)); }},
    {"ATombstoneThatIsNotThere",
     "erased memories: ", [](World& w) { w.erase(Table::kRecords, w.tombstone_key(w.erased)); }},
    {"ATombstoneUnderTheKeyOfAnotherKind", "tombstone",
     [](World& w) {
       w.put(Table::kRecords,
             storage::tombstone_key(w.number(), RecordKind::kSession, Uuid::random()),
             storage::encode_tombstone({1, static_cast<std::uint8_t>(RecordKind::kMemory), {}, 7}));
     }},
    {"ATombstoneOfWhatIsThere", "tombstone",
     [](World& w) {
       w.put(
           Table::kRecords, w.tombstone_key(w.first),
           storage::encode_tombstone({1, static_cast<std::uint8_t>(RecordKind::kMemory), {}, 77}));
     }},
    {"TheTenantsVaults", "vaults",
     [](World& w) {
       w.put(Table::kMeta, storage::tenant_key(w.number()),
             storage::encode_tenant({w.number(), 1, "acme"}));
     }},
    {"TheTenantsName", "another name",
     [](World& w) {
       w.put(Table::kMeta, storage::tenant_key(w.number()),
             storage::encode_tenant({w.number(), 1, "other", {"/vault"}}));
     }},
    {"TheTenantsRow",
     "tenants: ", [](World& w) { w.erase(Table::kMeta, storage::tenant_key(w.number())); }},
    {"AModelOfAnotherDimension", "model",
     [](World& w) {
       w.put(Table::kMeta, storage::model_key(0), storage::encode_model({0, 1, "default", 4}));
     }},
    {"AModelThatIsNotThere",
     "models: ", [](World& w) { w.erase(Table::kMeta, storage::model_key(0)); }},
    {"ARecordOfNoTenant", "is not in RAM",
     [](World& w) {
       w.put(Table::kRecords, storage::record_key(77, RecordKind::kConsolidationJob, w.job), "x");
     }},
    {"AVersionOfNoTenant", "is not in RAM",
     [](World& w) { w.put(Table::kHistory, storage::history_key(77, w.first, 1), "x"); }},
    {"AKey", "key is malformed", [](World& w) { w.put(Table::kRecords, "short", "x"); }},
    {"AMalformedSession", "session",
     [](World& w) { w.put(Table::kRecords, w.session_key(), "x"); }},
    {"AMalformedTask", "task", [](World& w) { w.put(Table::kRecords, w.task_key(), "x"); }},
    {"AMalformedIdempotencyKey", "idempotency key",
     [](World& w) { w.put(Table::kRecords, w.idempotency_key(), "x"); }},
    {"AMalformedMemory", "memory",
     [](World& w) { w.put(Table::kRecords, w.key(RecordKind::kMemory, w.plain), "x"); }},
    {"AMalformedPlan", "plan",
     [](World& w) { w.put(Table::kRecords, w.key(RecordKind::kPlan, w.plan), "x"); }},
    {"AMalformedStoreRow", "the store's row",
     [](World& w) { w.put(Table::kMeta, storage::store_key(), "x"); }},
};

const auto kNameOf = [](const auto& param) { return std::string(param.param.name); };
INSTANTIATE_TEST_SUITE_P(InRam, Verify, ::testing::ValuesIn(kInRam), kNameOf);
INSTANTIATE_TEST_SUITE_P(InLog, Verify, ::testing::ValuesIn(kInLog), kNameOf);

}  // namespace
}  // namespace tulving
