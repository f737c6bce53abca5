// What is promised: verify() names every difference between RAM and log, of every kind of record,
// table and index. The test can tell because it plants one at a time, in RAM behind the engine's
// back or in the log under it, into a store that has some of everything and was sound before.

#include <ostream>
#include <roaring/roaring.hh>

#include "core/engine/store/store_impl.h"
#include "tests/engine/testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Private members that a difference is planted in. An explicit instantiation may name them.
template <class Tag, auto kMember>
struct Reveal {
  friend constexpr auto member_of(Tag) { return kMember; }
};
struct TenantImpl {
  friend constexpr auto member_of(TenantImpl);
};
template struct Reveal<TenantImpl, &Tenant::impl_>;
struct RowsByText {
  friend constexpr auto member_of(RowsByText);
};
template struct Reveal<RowsByText, &engine::TenantState::rows_by_content_>;
struct Strengths {
  friend constexpr auto member_of(Strengths);
};
template struct Reveal<Strengths, &engine::MemoryTable::strength_>;

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

// A store with some of everything.
class World {
  // First, as its type is deduced, having no name here.
  [[nodiscard]] const auto& impl() const { return *(tenant.*member_of(TenantImpl{})); }

 public:
  World() {
    Session session;
    session.session_id = "s";
    session.summary = "About Ada.";
    EXPECT_THAT(tenant.put(session), Succeeds());
    first = add("Ada plays the violin.", {1, 0, 0}, [](Memory& m) {
      m.session_id = "s";
      m.memory_type = "conversation";
      m.agent_id = "ada";
      m.tags = {"music"};
      m.entities = {"Ada"};
      m.metadata = R"({"mood":"good"})";
      m.expires_at = at(4'000'000'000);
    });
    second = add("On Thursdays.", {0, 1, 0}, [](Memory& m) {
      m.session_id = "s";
      m.memory_type = "conversation";
    });
    plain = add("A note.", {}, [](Memory&) {});
    MemoryPatch patch;
    patch.text = "A note, changed.";
    EXPECT_THAT(tenant.update(plain, patch), Succeeds());
    relation.source_id = first;
    relation.target_id = second;
    relation.relation_type = "follows";
    relation.strength = 0.5;
    relation = value_of(tenant.put(relation)).record;
    ConsolidationTask one;
    one.task_id = "task";
    one.title = "Merge them";
    one.action = "merge";
    one.memory_ids = {first};
    EXPECT_THAT(tenant.queue().add(one), Succeeds());
    ConsolidationJob a_job;
    a_job.project_id = "p";
    job = value_of(tenant.put(a_job)).record.id;
    erased = add("A secret.", {}, [](Memory&) {});
    EXPECT_THAT(tenant.erase(erased), Succeeds());
    Plan made;
    made.origin = "test";
    retracted = Uuid::random();
    Memory merged = memory("Made by a plan.");
    merged.id = retracted;
    made.changes.push_back({std::nullopt, merged});
    plan = value_of(tenant.apply_plan(made)).id;
    EXPECT_THAT(tenant.undo_plan(plan), Succeeds());
    AddOptions once;
    once.idempotency_key = "key";
    EXPECT_THAT(tenant.add(memory("Said once."), once), Succeeds());
    EXPECT_THAT(tenant.remember_vault("/vault"), Succeeds());
  }

  template <class Change>
  Uuid add(const std::string& text, std::vector<float> vector, const Change& change) {
    Memory one = memory(text, std::move(vector));
    change(one);
    return value_of(tenant.add(one)).id;
  }

  /// Past its lock: nobody else is here.
  [[nodiscard]] engine::TenantState& state() const { return *impl().tenant->write(); }
  [[nodiscard]] std::uint32_t row(const Uuid& id) const { return *state().memories.find(id); }
  [[nodiscard]] std::uint32_t number() const { return *state().number; }
  template <class Record>
  [[nodiscard]] engine::RecordTable<Record>& table() const {
    return state().records.of<Record>();
  }
  [[nodiscard]] Session session() const { return *table<Session>().find("s"); }
  /// Changes a record in RAM alone.
  template <class Record>
  void alter(kinds::KeyView<Record> key, const std::function<void(Record&)>& change) const {
    Record record = *table<Record>().find(key);
    change(record);
    table<Record>().put(std::move(record));
  }
  [[nodiscard]] index::VectorIndex& vectors() const { return *state().vectors.at(0); }

  void put(storage::Table table, std::string key, std::string value) const {
    storage::JournalBatch batch;
    batch.put(table, std::move(key), std::move(value));
    EXPECT_THAT(impl().store->journal->append(batch), Succeeds());
  }
  void erase(storage::Table table, std::string key) const {
    storage::JournalBatch batch;
    batch.erase(table, std::move(key));
    EXPECT_THAT(impl().store->journal->append(batch), Succeeds());
  }
  [[nodiscard]] std::string key(storage::RecordKind kind, const Uuid& id) const {
    return storage::record_key(number(), kind, id);
  }
  [[nodiscard]] std::string session_key() const {
    return key(storage::RecordKind::kSession, kinds::row_id<Session>("acme", "s"));
  }
  [[nodiscard]] std::string task_key() const {
    return key(storage::RecordKind::kConsolidationTask,
               kinds::row_id<ConsolidationTask>("acme", "task"));
  }
  [[nodiscard]] std::string idempotency_key() const {
    return key(storage::RecordKind::kIdempotency, Uuid::derive("acme", "idempotency/key"));
  }

  ManualClock clock;
  Store store = [this] {
    StoreOptions options;
    options.clock = clock.clock();
    return value_of(Store::open_in_memory(options));
  }();
  Tenant tenant = value_of(store.tenant("acme"));
  Uuid first, second, plain, erased, retracted, plan, job;
  Relation relation;
};

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
     [](World& w) { w.state().text->set(w.row(w.first), "Ada plays the viola."); }},
    {"ATextThatIsNotThere",
     "texts in the index: ", [](World& w) { w.state().text->erase(w.row(w.first)); }},
    {"ATextTooMany", "texts in the index: ", [](World& w) { w.state().text->set(99, "more"); }},
    {"AVector", "embedding of memory",
     [](World& w) {
       w.vectors().set(w.row(w.first), std::vector<float>{0, 0, 1});
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
    {"AnErasureTooMany",
     "erased memories: ", [](World& w) { w.state().see_tombstone(Uuid::random(), 7); }},
    {"ABannedTextTooMany", "banned texts: ", [](World& w) { w.state().erased_texts[7] = 1; }},
    {"ARetraction", "tombstone", [](World& w) { w.state().retracted_ids.clear(); }},
    {"ARetractionTooMany",
     "memories taken back: ", [](World& w) { w.state().see_tombstone(Uuid::random(), 0); }},
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
    {"ATombstoneThatIsNotThere", "erased memories: ",
     [](World& w) { w.erase(Table::kRecords, w.key(RecordKind::kTombstone, w.erased)); }},
    {"ATombstoneOfWhatIsThere", "tombstone",
     [](World& w) {
       w.put(
           Table::kRecords, w.key(RecordKind::kTombstone, w.first),
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
