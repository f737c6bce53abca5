// What is promised of a memory's life in a store: archived memories are hidden, come back for 30
// days as what they were, and then gc deletes them, critical ones never; nothing that is refused
// changes anything; a text said again reinforces the memory that stands for it; all of it is there
// after a crash.

#include "tests/engine/testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kDay = std::chrono::hours(24);
constexpr auto kTick = std::chrono::microseconds(1);

class Life : public ::testing::Test {
 protected:
  Life() { open(); }

  void open() {
    tenant_.reset();
    store_.reset();
    StoreOptions options;
    options.clock = clock_.clock();
    options.durability = Durability::kNone;
    store_.emplace(value_of(Store::open(directory_ / name_, options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  // As after kill -9: from a copy of what lies on disk.
  void crash() {
    const std::string next = name_ + "+";
    copy_as_it_lies(directory_ / name_, directory_ / next);
    name_ = next;
    open();
  }

  Uuid add(const std::string& text, const std::function<void(Memory&)>& change = {}) {
    Memory one = memory(text);
    if (change) change(one);
    return value_of(tenant_->add(one)).id;
  }
  [[nodiscard]] Memory get(const Uuid& id) const { return value_of(tenant_->get(id)); }
  [[nodiscard]] MemoryStatus status(const Uuid& id) const { return get(id).status; }
  [[nodiscard]] std::size_t found(const std::string& text) const {
    return value_of(tenant_->search(text_search(text))).hits.size();
  }

  // The call is refused as a conflict that says so, and the store is as it was.
  template <class Call>
  void expect_refused(const Call& call, const std::string& says) {
    const std::uint64_t before = store_->revision();
    const auto result = call();
    ASSERT_THAT(result, FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(result.error().message, HasSubstr(says));
    EXPECT_EQ(store_->revision(), before);
  }

  static std::vector<Uuid> ids(const std::vector<GcItem>& items) {
    std::vector<Uuid> ids;
    for (const GcItem& item : items) ids.push_back(item.id);
    return ids;
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  std::string name_ = "db";
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(Life, AnArchivedMemoryIsHiddenAndComesBack) {
  const Uuid id = add("green tea");
  const Timestamp archived = clock_.now() + kDay;
  clock_.advance(kDay);

  ASSERT_THAT(tenant_->archive(id), Succeeds());
  crash();

  EXPECT_EQ(status(id), MemoryStatus::kArchived);
  EXPECT_EQ(get(id).archived_at, archived);
  EXPECT_EQ(found("tea"), 0U);
  clock_.advance(kDay);
  ASSERT_THAT(tenant_->archive(id), Succeeds());
  EXPECT_EQ(get(id).archived_at, archived) << "archiving twice is as once";

  ASSERT_THAT(tenant_->recover(id), Succeeds());
  crash();

  EXPECT_EQ(status(id), MemoryStatus::kActive);
  EXPECT_EQ(get(id).archived_at, std::nullopt);
  EXPECT_EQ(found("tea"), 1U);
  std::vector<std::string> operations;
  for (const auto& entry : value_of(tenant_->history(id))) operations.push_back(entry.operation);
  EXPECT_THAT(operations, ElementsAre("add", "archive", "recover"));
}

TEST_F(Life, RecoveryEndsAfterThirtyDays) {
  const Uuid id = add("tea");
  ASSERT_THAT(tenant_->archive(id), Succeeds());
  clock_.advance(30 * kDay - kTick);
  const Uuid other = add("coffee");
  ASSERT_THAT(tenant_->recover(id), Succeeds());
  ASSERT_THAT(tenant_->archive(id), Succeeds());
  clock_.advance(30 * kDay);

  expect_refused([&] { return tenant_->recover(id); }, "30 days");
  expect_refused([&] { return tenant_->recover(other); }, "active");
  EXPECT_THAT(tenant_->recover(Uuid::random()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->archive(Uuid::random()), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Life, APromotedMemoryComesBackAsPromoted) {
  const Uuid id = add("tea", [&](Memory& one) {
    one.status = MemoryStatus::kPromoted;
    one.ltm_path = "notes/tea.md";
    one.promoted_at = clock_.now();
  });

  ASSERT_THAT(tenant_->archive(id), Succeeds());
  ASSERT_THAT(tenant_->recover(id), Succeeds());

  EXPECT_EQ(status(id), MemoryStatus::kPromoted);
  EXPECT_EQ(get(id).ltm_path, "notes/tea.md");
}

TEST_F(Life, WhatIsArchivedOrDeletedIsNotReinforced) {
  const Uuid archived = add("tea");
  const Uuid deleted = add("coffee");
  const Uuid active = add("water");
  ASSERT_THAT(tenant_->archive(archived), Succeeds());
  ASSERT_THAT(tenant_->forget(deleted), Succeeds());

  expect_refused([&] { return tenant_->touch(std::vector{active, archived}); }, "archived");
  expect_refused([&] { return tenant_->touch(std::vector{deleted}); }, "deleted");
  expect_refused([&] { return tenant_->archive(deleted); }, "deleted");
  expect_refused([&] { return tenant_->recover(deleted); }, "deleted");
  EXPECT_EQ(get(active).use_count, 0);
}

TEST_F(Life, ASearchThatTouchesLeavesArchivedHitsAsTheyAre) {
  const Uuid archived = add("green tea");
  const Uuid active = add("black tea");
  ASSERT_THAT(tenant_->archive(archived), Succeeds());
  SearchRequest request = text_search("tea");
  request.include_archived = true;

  EXPECT_THAT(ids_of(value_of(tenant_->search_and_touch(request))),
              UnorderedElementsAre(archived, active));

  EXPECT_EQ(get(active).use_count, 1);
  EXPECT_EQ(get(archived).use_count, 0);
}

TEST_F(Life, GcDeletesWhatWasArchivedThirtyDaysAgoAndSaysWhatStays) {
  const Uuid old = add("old");
  const Uuid critical = add("critical", [](Memory& one) { one.is_critical = true; });
  ASSERT_THAT(tenant_->archive(old), Succeeds());
  ASSERT_THAT(tenant_->archive(critical), Succeeds());
  const Timestamp archived = clock_.now();
  clock_.advance(kTick);
  const Uuid recent = add("recent");
  ASSERT_THAT(tenant_->archive(recent), Succeeds());
  const Uuid active = add("active");
  clock_.advance(30 * kDay - kTick);
  const std::uint64_t revision = store_->revision();

  const GcReport dry = value_of(tenant_->gc({.dry_run = true}));
  EXPECT_TRUE(dry.dry_run);
  EXPECT_EQ(store_->revision(), revision);
  EXPECT_EQ(status(old), MemoryStatus::kArchived);
  const GcReport report = value_of(tenant_->gc());

  for (const GcReport* each : {&dry, &report}) {
    EXPECT_THAT(ids(each->deleted), ElementsAre(old));
    EXPECT_EQ(each->deleted[0].reason, GcReason::kArchived);
    EXPECT_EQ(each->deleted[0].since, archived);
    EXPECT_THAT(ids(each->kept), ElementsAre(critical, recent));
    EXPECT_EQ(each->kept[0].reason, GcReason::kCritical);
    EXPECT_EQ(each->kept[1].reason, GcReason::kRecoverable);
  }
  crash();
  EXPECT_EQ(status(old), MemoryStatus::kDeleted);
  EXPECT_EQ(get(old).deleted_at, clock_.now());
  EXPECT_EQ(status(critical), MemoryStatus::kArchived);
  EXPECT_EQ(status(recent), MemoryStatus::kArchived);
  EXPECT_EQ(status(active), MemoryStatus::kActive);
  EXPECT_EQ(value_of(tenant_->history(old)).back().operation, "gc");
  const std::uint64_t after = store_->revision();
  EXPECT_THAT(value_of(tenant_->gc()).deleted, IsEmpty());
  EXPECT_EQ(store_->revision(), after) << "nothing to delete is no write";
}

TEST_F(Life, GcSweepsWhatHasExpired) {
  const auto expiring = [&](bool is_critical) {
    return [this, is_critical](Memory& one) {
      one.expires_at = clock_.now() + kDay;
      one.is_critical = is_critical;
    };
  };
  const Uuid plain = add("plain", expiring(false));
  const Uuid critical = add("critical", expiring(true));
  EXPECT_THAT(value_of(tenant_->gc()).deleted, IsEmpty());
  clock_.advance(kDay);

  const GcReport report = value_of(tenant_->gc());

  EXPECT_THAT(ids(report.deleted), ElementsAre(plain));
  EXPECT_EQ(report.deleted[0].reason, GcReason::kExpired);
  EXPECT_THAT(ids(report.kept), ElementsAre(critical));
  EXPECT_EQ(status(plain), MemoryStatus::kDeleted);
  EXPECT_EQ(status(critical), MemoryStatus::kActive);
}

TEST_F(Life, GcDeletesTheOldestFirstUpToItsLimit) {
  std::vector<Uuid> order;
  for (int i = 0; i < 5; ++i) {
    order.push_back(add("memory " + std::to_string(i)));
    ASSERT_THAT(tenant_->archive(order.back()), Succeeds());
    clock_.advance(kTick);
  }
  GcRequest request{.now = clock_.now() + 30 * kDay, .limit = 2};

  const GcReport first = value_of(tenant_->gc(request));
  EXPECT_THAT(ids(first.deleted), ElementsAre(order[0], order[1]));
  EXPECT_THAT(ids(first.kept), ElementsAre(order[2], order[3], order[4]));
  EXPECT_EQ(first.kept[0].reason, GcReason::kOverLimit);
  value_of(tenant_->gc(request));
  EXPECT_THAT(ids(value_of(tenant_->gc(request)).deleted), ElementsAre(order[4]));

  EXPECT_THAT(tenant_->gc({.limit = 0}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_->gc({.limit = 100'001}), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(Life, GcOfOneTenantLeavesTheOthers) {
  Tenant other = value_of(store_->tenant("other"));
  const Uuid theirs = value_of(other.add(memory("tea"))).id;
  ASSERT_THAT(other.archive(theirs), Succeeds());
  clock_.advance(31 * kDay);

  EXPECT_THAT(value_of(tenant_->gc()).deleted, IsEmpty());
  EXPECT_EQ(value_of(other.get(theirs)).status, MemoryStatus::kArchived);
  EXPECT_THAT(tenant_->recover(theirs), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->archive(theirs), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Life, ATextSaidAgainReinforcesWhatStandsForIt) {
  const Uuid merge = add("tea and coffee");
  const Uuid merged = add("tea", [&](Memory& one) {
    one.status = MemoryStatus::kArchived;
    one.archived_at = clock_.now();
    one.consolidated_into_id = merge;
  });
  const Uuid archived = add("water");
  ASSERT_THAT(tenant_->archive(archived), Succeeds());

  const AddResult of_merged = value_of(tenant_->add(memory("tea")));
  const AddResult of_archived = value_of(tenant_->add(memory("water")));

  EXPECT_EQ(of_merged.id, merge);
  EXPECT_EQ(of_merged.effect, WriteEffect::kReinforced);
  EXPECT_EQ(get(merge).use_count, 1);
  EXPECT_EQ(status(merged), MemoryStatus::kArchived);
  EXPECT_EQ(of_archived.id, archived);
  EXPECT_EQ(of_archived.effect, WriteEffect::kReinforced);
  EXPECT_EQ(status(archived), MemoryStatus::kActive);
  EXPECT_EQ(get(archived).use_count, 1);
  EXPECT_EQ(found("water"), 1U) << "what add() acknowledged, the next search finds";
}

TEST_F(Life, ATextWhoseMemoryIsPastRecoveryIsNew) {
  const Uuid old = add("tea");
  ASSERT_THAT(tenant_->archive(old), Succeeds());
  clock_.advance(30 * kDay);

  const AddResult again = value_of(tenant_->add(memory("tea")));

  EXPECT_NE(again.id, old);
  EXPECT_EQ(again.effect, WriteEffect::kAdded);
  EXPECT_EQ(value_of(tenant_->add(memory("tea"))).id, again.id)
      << "the visible one of two with a text is the one that is reinforced";
}

TEST_F(Life, AnImportRunAgainUndoesNeitherArchivingNorPromotion) {
  Memory line = memory("tea");
  line.external_id = "a";
  const std::vector<Record> records = {line};
  const Uuid id = value_of(tenant_->write(records)).front().id;
  ASSERT_THAT(tenant_->archive(id), Succeeds());

  EXPECT_EQ(value_of(tenant_->write(records)).front().effect, WriteEffect::kUnchanged);

  EXPECT_EQ(status(id), MemoryStatus::kArchived);
  line.status = MemoryStatus::kPromoted;
  line.ltm_path = "notes/a.md";
  value_of(tenant_->write(std::vector<Record>{line}));
  EXPECT_EQ(status(id), MemoryStatus::kPromoted) << "a line that names a status sets it";
  EXPECT_EQ(value_of(tenant_->write(records)).front().effect, WriteEffect::kUnchanged);
  EXPECT_EQ(get(id).ltm_path, "notes/a.md");
}

TEST_F(Life, AReadOnlyStoreCanSayWhatGcWouldDo) {
  const Uuid id = add("tea");
  ASSERT_THAT(tenant_->archive(id), Succeeds());
  tenant_.reset();
  ASSERT_THAT(store_->close(), Succeeds());
  StoreOptions options;
  options.read_only = true;
  const Store store = value_of(Store::open(directory_ / name_, options));
  Tenant tenant = value_of(store.tenant("acme"));
  GcRequest request{.now = clock_.now() + 31 * kDay, .dry_run = true};

  EXPECT_THAT(ids(value_of(tenant.gc(request)).deleted), ElementsAre(id));
  request.dry_run = false;
  EXPECT_THAT(tenant.gc(request), FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving::testing
