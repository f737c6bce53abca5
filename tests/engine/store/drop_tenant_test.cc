// What is promised of Store::drop_tenant(): all of the tenant is gone, from RAM, log, checkpoints
// and snapshots, and nothing of any other; its id is free at once; handles from before say so; and
// who follows the store is told.

#include "tests/engine/store/replica.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using storage::Table;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

Session session(const std::string& id) {
  Session session;
  session.session_id = id;
  return session;
}

class DropTenant : public ::testing::Test {
 protected:
  DropTenant() { open(); }
  void open() { store_.emplace(value_of(Store::open(directory_ / "db", options_))); }
  void close() {
    ASSERT_THAT(store_->close(), Succeeds());
    store_.reset();
  }
  void reopen() {
    close();
    open();
  }
  Tenant tenant(const std::string& id) { return value_of(store_->tenant(id)); }

  // Something of every table and of most kinds, the same for whoever it is.
  void fill(const std::string& id) {
    Tenant tenant = this->tenant(id);
    value_of(tenant.put(session("monday")));
    std::vector<Uuid> ids;
    for (int i = 0; i < 5; ++i) {
      Memory one = memory("secret" + id + " of number " + std::to_string(i), {1.0F, 0.5F});
      one.embeddings.push_back({"other", {0.0F, 1.0F, 2.0F}});
      one.external_id = "note/" + std::to_string(i);
      one.session_id = "monday";
      AddOptions options;
      options.idempotency_key = "key" + std::to_string(i);
      ids.push_back(value_of(tenant.add(one, options)).id);
    }
    Relation relation;
    relation.source_id = ids[0];
    relation.target_id = ids[1];
    relation.relation_type = "related";
    value_of(tenant.put(relation));
    MemoryPatch patch;
    patch.text = "secret" + id + " was changed";
    patch.embedding = Embedding{"default", {0.5F, 1.0F}};
    value_of(tenant.update(ids[2], patch));
    ASSERT_THAT(tenant.erase(ids[3]), Succeeds());
    ConsolidationTask task;
    task.task_id = "look";
    task.title = "Look";
    task.action = "merge";
    task.memory_ids = {ids[0]};
    value_of(tenant.queue().add(task));
    Plan plan;
    plan.origin = "test";
    value_of(tenant.propose_plan(plan));
    ASSERT_THAT(tenant.remember_vault("/vault"), Succeeds());
  }
  void fill_both() {
    fill("acme");
    fill("canary");
    canary_ = exported_lines(tenant("canary"));
  }
  void expect_canary() {
    EXPECT_EQ(exported_lines(tenant("canary")), canary_);
    EXPECT_EQ(value_of(tenant("canary").search(text_search("secretcanary"))).hits.size(), 4U);
    EXPECT_EQ(value_of(tenant("canary").search(vector_search({1, 0.5F}))).hits.size(), 4U);
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  }

  // How many rows of the tenant's number the log has; its mark and the feed are none of them.
  std::size_t rows_in_log(std::uint32_t number) {
    const auto journal =
        value_of(storage::open_rocksdb_journal(directory_ / "db" / "log", {.read_only = true}));
    const auto reader = journal->snapshot();
    std::size_t rows = 0;
    const auto count = [&](auto, auto) -> Status {
      ++rows;
      return {};
    };
    for (const Table table : {Table::kRecords, Table::kVectors, Table::kHistory}) {
      EXPECT_THAT(reader->scan(table, storage::record_prefix(number), count), Succeeds());
    }
    EXPECT_THAT(reader->scan(Table::kMeta, storage::tenant_key(number), count), Succeeds());
    return rows;
  }
  std::vector<std::string> changes_since(std::uint64_t since, std::size_t limit = 1000) {
    std::vector<std::string> lines;
    for (bool is_last = false; !is_last;) {
      const auto page = value_of(store_->changes(since, limit));
      for (const Change& one : page.changes) {
        lines.push_back(one.tenant_id + " " + one.kind + " " + one.id +
                        (one.erased ? " erased" : ""));
      }
      since = page.revision;
      is_last = page.is_last;
    }
    return lines;
  }

  TemporaryDirectory directory_;
  StoreOptions options_;
  std::optional<Store> store_;
  std::vector<std::string> canary_;
};

TEST_F(DropTenant, TakesAllOfItAndNothingOfAnother) {
  fill_both();
  ASSERT_GT(rows_in_log(0), 15U);
  const std::size_t of_canary = rows_in_log(1);

  EXPECT_EQ(value_of(store_->drop_tenant("acme")), 4U);

  EXPECT_THAT(store_->tenants(), ElementsAre("canary"));
  EXPECT_EQ(store_->stats().memories, 4U);
  EXPECT_EQ(store_->stats().tenants.size(), 1U);
  EXPECT_EQ(rows_in_log(0), 0U);
  EXPECT_EQ(rows_in_log(1), of_canary);
  expect_canary();
  reopen();
  EXPECT_THAT(store_->tenants(), ElementsAre("canary"));
  EXPECT_EQ(rows_in_log(0), 0U);
  expect_canary();
}

TEST_F(DropTenant, OfOneThatIsNotThereOrHasNoName) {
  fill_both();
  const auto before = store_->revision();
  const auto missing = store_->drop_tenant("nobody");
  ASSERT_THAT(missing, FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(missing.error().field, "tenant_id");
  const Tenant unwritten = tenant("nobody");  // A name that is asked for is no tenant.
  EXPECT_THAT(store_->drop_tenant("nobody"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(unwritten.list(), Succeeds());
  for (const std::string& bad : {std::string(), std::string(256, 'x'), std::string("\xFF")}) {
    const auto refused = store_->drop_tenant(bad);
    ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_EQ(refused.error().field, store_->tenant(bad).error().field);
    EXPECT_EQ(refused.error().message, store_->tenant(bad).error().message);
  }
  value_of(store_->drop_tenant("acme"));
  EXPECT_THAT(store_->drop_tenant("acme"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(store_->revision(), before + 1);
  options_.read_only = true;
  reopen();
  EXPECT_THAT(store_->drop_tenant("canary"), FailsWith(ErrorCode::kInvalidArgument));
  close();
  open();
  Store closed = std::move(*store_);
  ASSERT_THAT(closed.close(), Succeeds());
  EXPECT_THAT(closed.drop_tenant("canary"), FailsWith(ErrorCode::kInvalidArgument));
  store_.reset();
}

TEST_F(DropTenant, ItsIdIsANewTenantsAtOnce) {
  fill_both();
  const auto old = exported_lines(tenant("acme"));
  value_of(store_->drop_tenant("acme"));
  EXPECT_THAT(exported_lines(tenant("acme")), IsEmpty());
  EXPECT_THAT(tenant("acme").vaults(), IsEmpty());

  // The same again: names derive the ids that they derived, a text that was erased may be told, and
  // a key that was used is free.
  fill("acme");
  EXPECT_EQ(exported_lines(tenant("acme")).size(), old.size());
  EXPECT_EQ(tenant("acme").stats().memories, 4U);
  EXPECT_EQ(value_of(tenant("acme").search(vector_search({1, 0.5F}))).hits.size(), 4U);
  EXPECT_GT(rows_in_log(2), 15U);  // Under a number of its own.
  expect_canary();
  reopen();
  EXPECT_EQ(tenant("acme").stats().memories, 4U);
  expect_canary();
}

TEST_F(DropTenant, ANumberIsNeverGivenAgain) {
  for (int i = 0; i < 3; ++i) {
    value_of(tenant("acme").add(memory("note")));
    EXPECT_GT(rows_in_log(static_cast<std::uint32_t>(i)), 0U);
    value_of(store_->drop_tenant("acme"));
    reopen();  // The greatest number in use is none.
  }
  value_of(store_->snapshot(directory_ / "snapshot"));
  value_of(Store::restore(directory_ / "snapshot", directory_ / "restored"));
  Store restored = value_of(Store::open(directory_ / "restored"));
  EXPECT_THAT(restored.tenants(), IsEmpty());
  Tenant other = value_of(restored.tenant("other"));
  value_of(other.add(memory("note")));
  EXPECT_THAT(value_of(restored.verify()).problems, IsEmpty());
  value_of(restored.snapshot(directory_ / "second"));
  const auto rows = Replica::rows_of(directory_ / "second");
  EXPECT_TRUE(rows.at(Table::kMeta).contains(storage::tenant_key(3)));
  EXPECT_TRUE(rows.at(Table::kMeta).contains(storage::dropped_key("acme")));
}

TEST_F(DropTenant, HandlesFromBeforeSaySo) {
  fill_both();
  Tenant old = tenant("acme");
  const Uuid id = value_of(old.resolve("note/0"));
  value_of(store_->drop_tenant("acme"));
  fill("acme");
  const auto fresh = exported_lines(tenant("acme"));

  const auto says_so = [](const auto& result) {
    ASSERT_THAT(result, FailsWith(ErrorCode::kNotFound));
    EXPECT_EQ(result.error().message,
              "tenant \"acme\" was dropped; ask the store for it again to begin anew");
  };
  says_so(old.get(id));
  says_so(old.resolve("note/0"));
  says_so(old.list());
  says_so(old.history(id));
  says_so(old.related(id));
  says_so(old.search(text_search("secretacme")));
  says_so(old.search_and_touch(text_search("secretacme")));
  says_so(old.clusters());
  says_so(old.lineage(id));
  says_so(old.plans());
  says_so(old.decay_scores());
  says_so(old.decay_counts());
  says_so(old.get<Session>("monday"));
  says_so(old.list<Session>());
  says_so(old.export_records([](const Record&) { return Status(); }));
  says_so(old.add(memory("late")));
  says_so(old.write(std::vector<Record>{memory("late")}));
  says_so(old.update(id, MemoryPatch()));
  says_so(old.touch(std::vector{id}));
  says_so(old.forget(id));
  says_so(old.erase(id));
  says_so(old.erase_where(Filter()));
  says_so(old.gc());
  says_so(old.put(session("late")));
  says_so(old.erase<Session>("monday"));
  Plan plan;
  plan.origin = "late";
  says_so(old.propose_plan(plan));
  ConsolidationTaskClaim claim;
  claim.worker = "w";
  says_so(old.queue().claim(claim));
  EXPECT_THAT(old.vaults(), IsEmpty());
  EXPECT_EQ(old.stats().memories, 0U);
  EXPECT_EQ(old.id(), "acme");
  EXPECT_TRUE(old.is_dropped());
  EXPECT_FALSE(tenant("acme").is_dropped());
  EXPECT_FALSE(old.was_erased(id));
  EXPECT_EQ(exported_lines(tenant("acme")), fresh);  // Nothing was written into the new one.
}

TEST_F(DropTenant, WhoFollowsTheStoreIsTold) {
  fill_both();
  const auto before = store_->revision();
  value_of(store_->drop_tenant("acme"));
  EXPECT_THAT(changes_since(before), ElementsAre("acme tenant acme erased"));
  value_of(tenant("canary").put(session("tuesday")));
  value_of(tenant("acme").put(session("anew")));
  const std::vector<std::string> all = {"acme tenant acme erased", "canary session tuesday",
                                        "acme session anew"};
  EXPECT_EQ(changes_since(before), all);
  EXPECT_EQ(changes_since(before, 1), all);
  // From the beginning there is none of the old tenant's records, and the drop comes once.
  auto from_0 = changes_since(0, 3);
  EXPECT_EQ(std::ranges::count(from_0, "acme tenant acme erased"), 1);
  EXPECT_EQ(std::ranges::count_if(from_0, [](auto& line) { return line.starts_with("acme "); }), 2);
  // Without the feed it is the same.
  close();
  edit_log(directory_ / "db", [&](const auto& reader, auto& batch) {
    EXPECT_THAT(reader.scan(Table::kMeta, storage::kChangePrefix,
                            [&](auto key, auto) -> Status {
                              batch.erase(Table::kMeta, std::string(key));
                              return {};
                            }),
                Succeeds());
  });
  open();
  EXPECT_EQ(changes_since(before), all);
  EXPECT_EQ(changes_since(before, 1), all);
  EXPECT_EQ(changes_since(0, 3), from_0);
}

TEST_F(DropTenant, SnapshotsHaveNothingOfIt) {
  fill_both();
  const auto before = store_->revision();
  value_of(store_->drop_tenant("acme"));
  value_of(store_->snapshot(directory_ / "full"));
  value_of(store_->snapshot(directory_ / "changes", before));
  for (const char* name : {"full", "changes"}) {
    std::string bytes;
    for (const auto& file : files_in(directory_ / name)) bytes += file.second;
    EXPECT_EQ(bytes.find("secretacme"), std::string::npos) << name;
    EXPECT_EQ(bytes.find("secretcanary") != std::string::npos, std::string(name) == "full");
  }
  value_of(Store::restore(directory_ / "full", directory_ / "restored"));
  const Store restored = value_of(Store::open(directory_ / "restored"));
  EXPECT_THAT(restored.tenants(), ElementsAre("canary"));
  EXPECT_EQ(exported_lines(value_of(restored.tenant("canary"))), canary_);
}

TEST_F(DropTenant, APurgeTakesItsBytesOutOfAllFiles) {
  fill_both();
  ASSERT_THAT(store_->purge(), Succeeds());
  reopen();  // With checkpoints, which hold words too.
  value_of(store_->drop_tenant("acme"));
  ASSERT_THAT(store_->purge(), Succeeds());
  close();
  std::size_t read = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory_ / "db")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(bytes.find("secretacme"), std::string::npos) << entry.path();
    read += bytes.find("secretcanary") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(read, 0U);
  open();
  expect_canary();
}

TEST_F(DropTenant, CheckpointsDoNotComeBack) {
  fill_both();
  ASSERT_THAT(store_->purge(), Succeeds());  // So that closing writes them.
  close();
  const fs::path index = directory_ / "db" / "index";
  ASSERT_TRUE(fs::exists(index / "0" / "rows"));
  fs::copy(index / "0", directory_ / "kept");
  open();
  value_of(store_->drop_tenant("acme"));
  EXPECT_FALSE(fs::exists(index / "0"));
  EXPECT_TRUE(fs::exists(index / "1" / "rows"));
  value_of(tenant("acme").add(memory("another", {1.0F, 0.0F})));
  close();

  // As a drop leaves it that is killed before it has taken them away; and where the new one's are
  // looked for, should anybody put them there.
  fs::copy(directory_ / "kept", index / "0");
  fs::copy(directory_ / "kept", index / "2");
  open();
  EXPECT_FALSE(fs::exists(index / "0"));
  EXPECT_TRUE(fs::exists(index / "1" / "rows"));
  EXPECT_THAT(texts_of(value_of(tenant("acme").search(text_search("another secretacme number")))),
              ElementsAre("another"));
  EXPECT_THAT(texts_of(value_of(tenant("acme").search(vector_search({1.0F, 0.5F})))),
              ElementsAre("another"));
  expect_canary();
}

TEST_F(DropTenant, InMemoryToo) {
  store_.emplace(value_of(Store::open_in_memory()));
  fill_both();
  EXPECT_EQ(value_of(store_->drop_tenant("acme")), 4U);
  fill("acme");
  EXPECT_EQ(tenant("acme").stats().memories, 4U);
  expect_canary();
}

}  // namespace
}  // namespace tulving
