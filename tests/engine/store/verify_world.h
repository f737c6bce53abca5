#pragma once

#include <roaring/roaring.hh>

#include "core/engine/store/store_impl.h"
#include "tests/engine/testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving::testing {

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

inline Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

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
  [[nodiscard]] std::string tombstone_key(const Uuid& memory) const {
    return storage::tombstone_key(number(), storage::RecordKind::kMemory, memory);
  }
  [[nodiscard]] std::string session_key() const {
    return key(storage::RecordKind::kSession, kinds::row_id<Session>("acme", "s"));
  }
  [[nodiscard]] std::string task_key() const {
    return key(storage::RecordKind::kConsolidationTask,
               kinds::row_id<ConsolidationTask>("acme", "task"));
  }
  [[nodiscard]] std::string idempotency_key() const {
    return key(storage::RecordKind::kIdempotency, engine::idempotency_ids("acme", "key").front());
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

}  // namespace tulving::testing
