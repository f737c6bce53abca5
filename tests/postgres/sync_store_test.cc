// What sync_store() promises: the database follows a live store, each time by what changed since
// the time before; after any number of such syncs a full snapshot finds no row to change, which
// asks both the incremental snapshots and the merges. It leaves no file behind.

#include <gmock/gmock.h>

#include <random>

#include "tests/postgres/live_store_test.h"
#include "tulving/tulving.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SyncStore : public LiveStoreTest {
 protected:
  void SetUp() override {
    LiveStoreTest::SetUp();
    if (IsSkipped()) return;
    tenant_.emplace(value_of(live_->tenant("acme")));
  }
  void TearDown() override {
    tenant_.reset();
    LiveStoreTest::TearDown();
  }

  void reopen_from_snapshot(const std::string& snapshot) {
    const auto directory = directory_ / ("again" + std::to_string(++reopened_));
    tenant_.reset();
    live_.reset();
    value_of(Store::restore(directory_ / snapshot, directory));
    live_.emplace(value_of(Store::open(directory)));
    tenant_.emplace(value_of(live_->tenant("acme")));
  }
  PostgresSyncReport sync_live(const std::string& projection = "orchestrator") {
    PostgresSyncOptions options;
    options.uri = database().uri();
    options.projections = {projection};
    rows_sent_ = 0;
    options.progress = [this](std::uint64_t, std::uint64_t total) { rows_sent_ = total; };
    return value_of(sync_store(*live_, options)).at(0);
  }
  std::size_t below(std::size_t limit) { return random_() % limit; }
  Uuid any() { return ids_[below(ids_.size())]; }
  std::string number(std::size_t limit) { return std::to_string(below(limit)); }

  Memory random_memory() {
    Memory memory;
    memory.text = "note " + number(1'000'000);
    memory.tags = {"t" + number(5), "all"};
    if (below(3) == 0) memory.session_id = "s" + number(3);
    if (below(3) > 0) memory.embeddings = {{"default", {1.0F, static_cast<float>(below(100))}}};
    return memory;
  }

  // Failures are part of life: a memory may be gone.
  void change_something() {
    MemoryPatch patch;
    Relation relation;
    switch (ids_.size() < 5 ? 0 : below(9)) {
      case 0:
      case 1:
        for (int i = 0; i < 3; ++i) {
          Session session;
          session.session_id = "s" + std::to_string(i);
          session.session_type = "chat" + number(3);
          static_cast<void>(tenant_->put(session).has_value());
        }
        ids_.push_back(value_of(tenant_->add(random_memory())).id);
        return;
      case 2:
        patch.text = "note " + number(1'000'000);  // Its vector goes.
        static_cast<void>(tenant_->update(any(), patch).has_value());
        return;
      case 3:
        patch.tags = {"new" + number(5)};
        patch.embedding = Embedding{"default", {2.0F, static_cast<float>(below(100))}};
        static_cast<void>(tenant_->update(any(), patch).has_value());
        return;
      case 4:
        static_cast<void>(tenant_->forget(any()).has_value());
        return;
      case 5:
        static_cast<void>(tenant_->erase(any()).has_value());
        return;
      case 6:
        static_cast<void>(tenant_->touch(std::vector{any()}).has_value());
        return;
      case 7:
        if (below(8) == 0) static_cast<void>(tenant_->erase<Session>("s" + number(3)).has_value());
        return;
      default:
        relation.source_id = any();
        relation.target_id = any();
        relation.relation_type = "related";
        static_cast<void>(tenant_->put(relation).has_value());
    }
  }

  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  std::optional<Tenant> tenant_;
  std::vector<Uuid> ids_;
  std::uint64_t rows_sent_ = 0;
  int reopened_ = 0;
};

TEST_F(SyncStore, ChangesTakeTheDatabaseWhereAFullSnapshotDoes) {
  for (int i = 0; i < 30; ++i) change_something();
  EXPECT_EQ(sync_live().from_revision, 0U);
  for (int round = 0; round < 15; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto before = live_->revision();
    for (auto left = below(20); left > 0; --left) change_something();

    const auto report = sync_live();

    EXPECT_EQ(report.from_revision, before);
    EXPECT_EQ(report.to_revision, live_->revision());
    const auto full = directory_ / ("full" + std::to_string(round));
    value_of(live_->snapshot(full));
    const auto rest = sync(full);
    EXPECT_THAT(nonzero(rest.inserted), IsEmpty());
    EXPECT_THAT(nonzero(rest.updated), IsEmpty());
    EXPECT_THAT(nonzero(rest.deleted), IsEmpty());
    if (HasFailure()) return;
  }
}

class SyncStoreWaiting : public SyncStore {
 protected:
  void SetUp() override {
    SyncStore::SetUp();
    if (IsSkipped()) return;
    Memory merge = memory_of("merged");
    merge.memory_type = "learning";
    merge.abstraction_level = 1;
    merge.project_id = "garden";
    merge_ = value_of(tenant_->add(merge)).id;
    Memory source = memory_of("source");
    source.memory_type = "learning";
    source.task_id = "beds";
    source.success = true;
    source.consolidated_into_id = merge_;
    value_of(tenant_->add(source));
  }
  void project_is(const std::string& name) {
    MemoryPatch patch;
    patch.project_id = name;
    value_of(tenant_->update(merge_, patch));
  }

  Uuid merge_;
};

// The merge loses its row, not its record; what names it changes by neither.
TEST_F(SyncStoreWaiting, AColumnIsNullWhileWhatItNamesHasNoRow) {
  const auto shown = [this] {
    sync_live("consolidation");
    return database().lines("SELECT consolidated_into_id FROM consolidation.task_memories");
  };
  EXPECT_THAT(shown(), ElementsAre(merge_.to_string()));
  project_is("");
  EXPECT_THAT(shown(), ElementsAre("~"));
  project_is("orchard");
  EXPECT_THAT(shown(), ElementsAre(merge_.to_string()));
}

// What was fetched for the first did not change, so it is nothing new to the second.
TEST_F(SyncStoreWaiting, WhatOneSchemaFetchedIsNotSentToTheNext) {
  PostgresSyncOptions options;
  options.uri = database().uri();
  options.projections = {"consolidation", "guild"};
  project_is("");
  value_of(sync_store(*live_, options));
  project_is("orchard");

  const auto reports = value_of(sync_store(*live_, options));

  EXPECT_EQ(reports[0].updated.at("task_memories"), 1U);
  ASSERT_EQ(reports[1].skipped.size(), 1U);  // guild wants an agent.
  EXPECT_EQ(reports[1].skipped[0].id, merge_.to_string());
}

TEST_F(SyncStore, SendsTheRowsOfWhatChangedAlone) {
  for (int i = 0; i < 30; ++i) change_something();
  Memory memory = random_memory();
  memory.session_id.clear();  // It may have been erased.
  memory.tags = {"a", "b"};
  memory.embeddings = {{"default", {1.0F, 2.0F}}};
  const Uuid id = value_of(tenant_->add(memory)).id;
  sync_live();
  EXPECT_GT(rows_sent_, 10U);
  ASSERT_TRUE(tenant_->touch(std::vector{id}).has_value());

  sync_live();

  EXPECT_EQ(rows_sent_, 3U);  // The memory and its tags, not its vector.
}

TEST_F(SyncStore, OfWhatTheDatabaseHasTouchesNoRow) {
  for (int i = 0; i < 30; ++i) change_something();
  sync_live();
  const auto before = stamps();

  const auto report = sync_live();

  EXPECT_EQ(stamps(), before);
  EXPECT_EQ(report.from_revision, live_->revision());
  EXPECT_EQ(report.to_revision, live_->revision());
  EXPECT_THAT(report.inserted, IsEmpty());
}

// "session/s9" derives the id under which the session s9 lies: its tombstone must not take the
// place of the memory's.
TEST_F(SyncStore, AnErasedMemoryGoesThoughASessionHasItsId) {
  Session session;
  for (const bool erased_again : {false, true}) {
    session.session_id = erased_again ? "s9" : "s8";
    Memory memory;
    memory.text = "the secret of " + session.session_id;
    memory.external_id = "session/" + session.session_id;
    const Uuid id = value_of(tenant_->add(memory)).id;
    sync_live();
    ASSERT_TRUE(tenant_->erase(id).has_value());
    value_of(tenant_->put(session));
    if (erased_again) {
      ASSERT_TRUE(tenant_->erase<Session>(session.session_id).has_value());
    }

    const auto report = sync_live();

    EXPECT_EQ(report.deleted.at("memory_entries"), 1U);
    value_of(live_->snapshot(directory_ / session.session_id));
    EXPECT_THAT(nonzero(sync(directory_ / session.session_id).deleted), IsEmpty());
  }
}

// A store that was put back to an older state gives revisions out again, and knows nothing of what
// the database has of them.
TEST_F(SyncStore, AStoreThatWasPutBackTakesTheDatabaseWithIt) {
  const auto held = [this](const std::string& text) {
    return database().value(
               "SELECT count(*) FROM orchestrator.memory_entries WHERE content::text "
               "LIKE '%" +
               text + "%'") != "0";
  };
  const auto add = [this](const std::string& text) {
    Memory memory;
    memory.text = text;
    value_of(tenant_->add(memory));
  };
  add("of both");
  EXPECT_EQ(sync_live().replaced, std::nullopt);
  value_of(live_->snapshot(directory_ / "then"));
  add("late");
  sync_live();
  const Position lost = live_->position();
  reopen_from_snapshot("then");

  const auto report = sync_live();

  EXPECT_EQ(report.replaced, lost);
  EXPECT_EQ(report.to_revision, 1U);
  EXPECT_FALSE(held("late"));
  EXPECT_TRUE(held("of both"));
  add("other");  // Of the same revision as the late one.
  const auto next = sync_live();
  EXPECT_EQ(next.replaced, std::nullopt);
  EXPECT_EQ(next.from_revision, 1U);
  EXPECT_TRUE(held("other"));
  EXPECT_EQ(rows_sent_, 1U);
}

// Had it been written to before it was synced, the numbers alone would fit.
TEST_F(SyncStore, WhateverHistoryAStoreIsOfTheDatabaseIsOfTheSame) {
  std::vector<std::string> kept;
  int replaced = 0;
  for (int i = 0; i < 20; ++i) change_something();
  for (int round = 0; round < 25; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    for (auto left = below(6); left > 0; --left) change_something();
    if (below(3) == 0) {
      kept.push_back("kept" + std::to_string(round));
      value_of(live_->snapshot(directory_ / kept.back()));
    }
    if (below(2) == 0) replaced += sync_live().replaced ? 1 : 0;
    if (!kept.empty() && below(2) == 0) reopen_from_snapshot(kept[below(kept.size())]);
    for (auto left = below(6); left > 0; --left) change_something();

    replaced += sync_live().replaced ? 1 : 0;

    EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.memory_entries"),
              std::to_string(live_->stats().memories));
    const auto full = directory_ / ("full" + std::to_string(round));
    value_of(live_->snapshot(full));
    const auto rest = sync(full);
    EXPECT_THAT(nonzero(rest.inserted), IsEmpty());
    EXPECT_THAT(nonzero(rest.updated), IsEmpty());
    EXPECT_THAT(nonzero(rest.deleted), IsEmpty());
    if (HasFailure()) return;
  }
  EXPECT_GT(replaced, 2);
}

TEST_F(SyncStore, ALedgerWithoutIncarnationsIsReplacedOnce) {
  for (int i = 0; i < 10; ++i) change_something();
  sync_live();
  database().run("ALTER TABLE tulving.sync_state DROP COLUMN incarnation");

  const auto report = sync_live();

  EXPECT_EQ(report.replaced, Position(live_->revision()));
  EXPECT_THAT(nonzero(report.updated), IsEmpty());
  EXPECT_EQ(sync_live().replaced, std::nullopt);
}

TEST_F(SyncStore, ASnapshotOfAnotherHistoryIsRefusedUnlessItIsWholeAndLater) {
  change_something();
  value_of(live_->snapshot(directory_ / "then"));
  for (int i = 0; i < 5; ++i) change_something();
  sync_live();
  const auto there = live_->revision();
  reopen_from_snapshot("then");
  const auto base = live_->position();
  while (live_->revision() < there + 1) change_something();
  value_of(live_->snapshot(directory_ / "later"));
  value_of(live_->snapshot(directory_ / "part", base));

  for (const char* refused : {"then", "part"}) {
    const auto status = try_sync(directory_ / refused);
    ASSERT_FALSE(status.has_value()) << refused;
    EXPECT_EQ(status.error().code, ErrorCode::kConflict);
    EXPECT_THAT(status.error().message, ::testing::HasSubstr("incarnation"));
  }
  EXPECT_EQ(sync(directory_ / "later").replaced->revision, there);
  EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.memory_entries"),
            std::to_string(live_->stats().memories));
}

TEST_F(SyncStore, LeavesNoFileBehind) {
  change_something();
  const auto temporary = directory_ / "tmp";
  std::filesystem::create_directory(temporary);
  const char* old = ::getenv("TMPDIR");
  const std::string before = old == nullptr ? "" : old;
  ::setenv("TMPDIR", temporary.c_str(), 1);
  sync_live();
  change_something();
  sync_live();
  before.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before.c_str(), 1);
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

TEST_F(SyncStore, RefusesWhatItDoesNotKnow) {
  PostgresSyncOptions options;
  options.uri = database().uri();
  options.projections = {"telepathy"};
  const auto unknown = sync_store(*live_, options);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  options.projections = {};
  const auto none = sync_store(*live_, options);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tulving::testing
