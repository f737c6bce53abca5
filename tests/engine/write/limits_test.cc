// What is promised of each number that a store gives out and each thing that it counts: as many as
// the limit says are taken, one more is refused with the number, before the log has anything of it;
// and what is there is never overwritten. With small limits at a transaction, and with the real
// ones, where that is quick, through the API.

#include "core/engine/write/transaction.h"
#include "storage/memory/memory_journal.h"
#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using engine::Limits;
using engine::Transaction;
using storage::Table;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::map<std::string, std::string> rows_of(const storage::Journal& journal) {
  std::map<std::string, std::string> rows;
  for (const Table table : {Table::kMeta, Table::kRecords, Table::kVectors, Table::kHistory}) {
    EXPECT_THAT(journal.snapshot()->scan(table, "",
                                         [&](auto key, auto value) -> Status {
                                           rows.emplace(std::to_string(static_cast<int>(table)) +
                                                            std::string(key),
                                                        value);
                                           return {};
                                         }),
                Succeeds());
  }
  return rows;
}

/// A store's writer without the store: what it stages is checked and appended as the store does.
class SmallLimits : public ::testing::Test {
 protected:
  explicit SmallLimits(const Limits& limits = {.tenants = 3,
                                               .models = 5,
                                               .models_of_tenant = 2,
                                               .relation_types = 4,
                                               .write_bytes = 20'000})
      : catalog_(limits) {}

  Status write(const std::string& tenant, const std::function<Status(Transaction&)>& stage) {
    Transaction transaction({catalog_, *journal_, options_, Timestamp{}, revision_ + 1},
                            catalog_.tenant(tenant, options_.vectors));
    if (auto status = stage(transaction); !status) return status;
    if (auto status = transaction.check_room(); !status) return status;
    if (auto status = journal_->append(transaction.batch()); !status) return status;
    std::atomic<bool> is_torn = false;
    transaction.apply(is_torn);
    EXPECT_FALSE(is_torn.load());
    ++revision_;
    return {};
  }
  static Memory whole(const std::string& text, const std::string& model = {}) {
    Memory one = memory(text);
    one.id = Uuid::random();
    one.created_at = one.updated_at = one.last_used = Timestamp{};
    if (!model.empty()) one.embeddings.push_back({model, {1, 0}});
    return one;
  }
  Status add(const std::string& tenant, const std::string& text, const std::string& model = {}) {
    return write(tenant, [&](Transaction& transaction) {
      return transaction.put_memory(whole(text, model), {});
    });
  }
  void expect_refused(const Status& status, const std::string& message) {
    ASSERT_THAT(status, FailsWith(ErrorCode::kResourceExhausted));
    EXPECT_THAT(status.error().message, HasSubstr(message));
  }

  const StoreOptions options_;
  engine::Catalog catalog_;
  const std::unique_ptr<storage::Journal> journal_ = storage::open_memory_journal();
  std::uint64_t revision_ = 0;
};

TEST_F(SmallLimits, OfTenants) {
  for (const char* tenant : {"a", "b", "c"}) ASSERT_THAT(add(tenant, "first"), Succeeds());
  const auto before = rows_of(*journal_);
  expect_refused(add("d", "first"), "the store would have 4 tenants; at most 3 are allowed");
  EXPECT_EQ(rows_of(*journal_), before);
  EXPECT_EQ(catalog_.tenants().size(), 3U);
  EXPECT_THAT(add("c", "second"), Succeeds());
}

TEST_F(SmallLimits, OfModelsByTenantAndByStore) {
  for (const char* model : {"a1", "a2"}) ASSERT_THAT(add("a", model, model), Succeeds());
  auto before = rows_of(*journal_);
  expect_refused(add("a", "a3", "a3"),
                 "tenant \"a\" would have 3 embedding models that it brought; at most 2 are");
  EXPECT_EQ(rows_of(*journal_), before);
  for (const char* model : {"b1", "b2"}) ASSERT_THAT(add("b", model, model), Succeeds());
  EXPECT_THAT(add("a", "with b's", "b1"), Succeeds()) << "it is there already";
  ASSERT_THAT(add("c", "c1", "c1"), Succeeds());
  before = rows_of(*journal_);
  expect_refused(add("c", "c2", "c2"),
                 "the store would have 6 embedding models; at most 5 are allowed");
  EXPECT_EQ(rows_of(*journal_), before);
  EXPECT_THAT(add("c", "with a's", "a1"), Succeeds());
}

TEST_F(SmallLimits, OfModelsWithinOneWrite) {
  const auto add_all = [&](const std::vector<std::string>& models) {
    return write("a", [&](Transaction& transaction) -> Status {
      for (const std::string& model : models) {
        if (auto status = transaction.put_memory(whole(model, model), {}); !status) return status;
      }
      return {};
    });
  };
  expect_refused(add_all({"1", "2", "3"}), "would have 3 embedding models");
  EXPECT_THAT(rows_of(*journal_), IsEmpty());
  EXPECT_THAT(add_all({"1", "2", "1", "2"}), Succeeds());
}

// Numbers of a store that lost some, or began at another: the next is above them all.
TEST_F(SmallLimits, AModelNeverTakesTheNumberOfAnother) {
  catalog_.add_model({3, 1, "there", 2});
  ASSERT_THAT(add("a", "new", "new"), Succeeds());
  EXPECT_EQ(catalog_.model("new")->number, 4);
  expect_refused(add("b", "newer", "newer"), "6 embedding models");
}

// The last guard: whatever the catalog believes, a row of the log stays.
TEST_F(SmallLimits, ARowThatIsThereIsNotOverwritten) {
  storage::JournalBatch batch;
  batch.put(Table::kMeta, storage::tenant_key(0), storage::encode_tenant({0, 1, "hidden"}));
  batch.put(Table::kMeta, storage::model_key(0), storage::encode_model({0, 1, "hidden", 3}));
  ASSERT_THAT(journal_->append(batch), Succeeds());
  const auto before = rows_of(*journal_);
  EXPECT_THAT(add("a", "first"), FailsWith(ErrorCode::kCorruption));
  EXPECT_EQ(rows_of(*journal_), before);
  catalog_.register_tenant(catalog_.tenant("hidden", options_.vectors), 0);
  EXPECT_THAT(add("a", "first"), Succeeds());
  const auto with_a = rows_of(*journal_);
  EXPECT_THAT(add("a", "second", "mine"), FailsWith(ErrorCode::kCorruption));
  EXPECT_EQ(rows_of(*journal_), with_a);
}

TEST_F(SmallLimits, OfRelationTypes) {
  const Memory from = whole("from"), to = whole("to");
  ASSERT_THAT(write("a",
                    [&](Transaction& transaction) -> Status {
                      if (auto status = transaction.put_memory(from, {}); !status) return status;
                      return transaction.put_memory(to, {});
                    }),
              Succeeds());
  const auto relation = [&](const std::string& type) {
    Relation one;
    one.source_id = from.id;
    one.target_id = to.id;
    one.relation_type = type;
    kinds::give_id("a", one);
    return one;
  };
  const auto put = [&](std::initializer_list<const char*> types) {
    return write("a", [&](Transaction& transaction) -> Status {
      for (const char* type : types) transaction.put(relation(type));
      return {};
    });
  };
  const auto empty = rows_of(*journal_);
  expect_refused(put({"1", "2", "3", "4", "5"}),
                 "tenant \"a\" would have 5 relation types; at most 4 are allowed");
  EXPECT_EQ(rows_of(*journal_), empty);
  ASSERT_THAT(put({"1", "2", "3", "4"}), Succeeds());
  const auto full = rows_of(*journal_);
  expect_refused(put({"4", "5"}), "5 relation types");
  EXPECT_EQ(rows_of(*journal_), full);
  EXPECT_THAT(put({"4"}), Succeeds());
  ASSERT_THAT(write("a",
                    [&](Transaction& transaction) -> Status {
                      transaction.erase(relation("1"));
                      return {};
                    }),
              Succeeds());
  EXPECT_THAT(put({"5"}), Succeeds()) << "a type that none has any more is none";
}

TEST_F(SmallLimits, OfBytesInOneWrite) {
  const auto add_two = [&](std::size_t bytes) {
    return write("a", [&](Transaction& transaction) -> Status {
      auto status = transaction.put_memory(whole(std::string(bytes, 'x')), {});
      return status ? transaction.put_memory(whole(std::string(bytes, 'y')), {}) : status;
    });
  };
  std::size_t fits = 5'000, does_not = 12'000;
  while (fits + 1 < does_not) {  // Where the limit lies, to the byte.
    const std::size_t bytes = (fits + does_not) / 2;
    const auto before = rows_of(*journal_);
    const auto status = add_two(bytes);
    if (status) {
      fits = bytes;
      continue;
    }
    expect_refused(status, "bytes; at most 20000 are allowed");
    EXPECT_EQ(rows_of(*journal_), before);
    does_not = bytes;
  }
  EXPECT_LE(2 * fits, 20'000U);
  EXPECT_GT(2 * fits, 19'000U);
}

// The attack: one tenant's import of many models must not take the others' from them.
TEST(RealLimits, OfModelsLeaveTheOthersTheirs) {
  TemporaryDirectory directory;
  constexpr int kOwn = 256;
  {
    Store store = value_of(Store::open(directory / "db"));
    Tenant victim = value_of(store.tenant("victim"));
    Tenant evil = value_of(store.tenant("evil"));
    value_of(victim.add(memory("the victim", {1, 0, 0, 0})));
    const auto with_models = [](int first, int count) {
      Memory one = memory("models from " + std::to_string(first));
      for (int i = 0; i < count; ++i) {
        one.embeddings.push_back({"m" + std::to_string(first + i), {1, 2}});
      }
      return one;
    };
    for (int i = 0; i < kOwn; i += 64) value_of(evil.add(with_models(i, 64)));
    const std::uint64_t revision = store.revision();
    const auto refused = evil.add(with_models(kOwn, 1));
    ASSERT_THAT(refused, FailsWith(ErrorCode::kResourceExhausted));
    EXPECT_THAT(refused.error().message, HasSubstr("257 embedding models"));
    EXPECT_THAT(refused.error().message, HasSubstr("at most 256"));
    EXPECT_EQ(store.revision(), revision);
    EXPECT_THAT(victim.add(with_models(kOwn, 1)), Succeeds());
    EXPECT_THAT(evil.add(with_models(kOwn, 1)), Succeeds()) << "another has brought it";
    value_of(store.snapshot(directory / "snapshot"));
  }
  value_of(Store::restore(directory / "snapshot", directory / "restored"));
  for (const char* name : {"db", "restored"}) {
    Store store = value_of(Store::open(directory / name));
    EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
    Tenant victim = value_of(store.tenant("victim"));
    EXPECT_EQ(value_of(victim.search(vector_search({1, 0, 0, 0}))).hits.size(), 1U);
    Tenant evil = value_of(store.tenant("evil"));
    Memory more = memory("more");
    more.embeddings.push_back({"one too many", {1, 2}});
    EXPECT_THAT(evil.add(more), FailsWith(ErrorCode::kResourceExhausted)) << "counted in the log";
  }
}

TEST(RealLimits, OfRelationTypes) {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("acme"));
  const Uuid from = value_of(tenant.add(memory("from"))).id;
  const Uuid to = value_of(tenant.add(memory("to"))).id;
  constexpr std::size_t kMost = 65'536;
  const auto relation = [&](std::size_t i) {
    Relation one;
    one.source_id = from;
    one.target_id = to;
    one.relation_type = "t" + std::to_string(i);
    return one;
  };
  for (std::size_t i = 0; i < kMost;) {
    std::vector<Record> batch;
    for (; batch.size() < 4'096 && i < kMost; ++i) batch.emplace_back(relation(i));
    ASSERT_THAT(tenant.write(batch), Succeeds());
  }
  const std::uint64_t revision = store.revision();
  const auto refused = tenant.put(relation(kMost));
  ASSERT_THAT(refused, FailsWith(ErrorCode::kResourceExhausted));
  EXPECT_THAT(refused.error().message, HasSubstr("65537 relation types; at most 65536"));
  EXPECT_EQ(store.revision(), revision);
  EXPECT_THAT(tenant.put(relation(7)), Succeeds());
  ASSERT_THAT(tenant.erase<Relation>(Uuid::derive(
                  "acme", "relation/" + from.to_string() + "/" + to.to_string() + "/t9")),
              Succeeds());
  EXPECT_THAT(tenant.put(relation(kMost)), Succeeds());
}

}  // namespace
}  // namespace tulving
