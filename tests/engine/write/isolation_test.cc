// Tenants are apart. Two tenants hold the same texts, ids and sessions; every call made with one's
// handle sees, counts, relates and changes that one's alone. The positive control runs beside each
// absence: the same call finds what is the tenant's own, so a store that returned nothing would
// fail.

#include "tests/engine/testing.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Isolation : public ::testing::Test {
 protected:
  static constexpr int kCount = 20;

  Isolation() : store_(value_of(Store::open_in_memory())) {
    for (const char* name : {"left", "right"}) {
      Tenant tenant = value_of(store_.tenant(name));
      Session session;
      session.session_id = "s";
      session.summary = name;
      value_of(tenant.put(session));
      for (int i = 0; i < kCount; ++i) {
        Memory one =
            memory("shared text " + std::to_string(i), {1.0F, static_cast<float>(i) * 0.1F});
        // The very same UUID in both tenants, and the owner's name where only a leak would show it.
        one.id = *Uuid::parse("00000000-0000-4000-8000-0000000000" + std::to_string(10 + i));
        one.session_id = "s";
        one.tags = {"common"};
        one.user_id = name;
        value_of(tenant.add(one));
      }
    }
  }

  Tenant left() { return value_of(store_.tenant("left")); }
  Tenant right() { return value_of(store_.tenant("right")); }
  static Uuid id(int i) {
    return *Uuid::parse("00000000-0000-4000-8000-0000000000" + std::to_string(10 + i));
  }
  static std::vector<std::string> owners(const SearchResponse& response) {
    std::vector<std::string> names;
    for (const auto& hit : response.hits) names.push_back(hit.memory.to_memory().user_id);
    return names;
  }

  Store store_;
};

TEST_F(Isolation, SearchesSeeOneTenant) {
  SearchRequest hybrid = text_search("shared text", 1000);
  hybrid.vector = {1.0F, 0.5F};
  SearchRequest recent;
  recent.k = 1000;
  for (const SearchRequest& request :
       {text_search("shared text", 1000), vector_search({1.0F, 0.5F}, 1000), hybrid, recent}) {
    const auto seen = owners(value_of(left().search(request)));
    EXPECT_THAT(seen, SizeIs(kCount));
    EXPECT_THAT(seen, Each("left"));
  }
}

TEST_F(Isolation, NoFilterReachesTheOtherTenant) {
  for (const Filter& filter :
       {equals(Field::kUserId, "right"), not_(equals(Field::kUserId, "left")),
        Filter(MetadataEquals{"tenant_id", "\"right\""})}) {
    SearchRequest request = text_search("shared", 1000);
    request.filter = filter;
    EXPECT_THAT(owners(value_of(left().search(request))), IsEmpty());
    ListRequest list;
    list.filter = filter;
    EXPECT_EQ(value_of(left().list(list)).matching, 0U);
    DistinctRequest values;
    values.of = Field::kUserId;
    values.filter = filter;
    EXPECT_THAT(value_of(left().distinct_values(values)).values, IsEmpty());
  }
  SearchRequest own = text_search("shared", 1000);
  own.filter = equals(Field::kUserId, "left");
  EXPECT_THAT(owners(value_of(left().search(own))), SizeIs(kCount));
}

TEST_F(Isolation, ReadsByIdGiveTheTenantsOwn) {
  EXPECT_EQ(value_of(left().get(id(0), true)).user_id, "left");
  EXPECT_EQ(value_of(right().get(id(0), true)).user_id, "right");
  EXPECT_EQ(value_of(left().get<Session>("s")).summary, "left");
  EXPECT_EQ(value_of(left().history(id(0)))[0].memory.user_id, "left");
  const Uuid only_right = value_of(right().add(memory("only right"))).id;
  EXPECT_THAT(left().get(only_right), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(left().history(only_right), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(left().resolve(only_right.to_string()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(left().related(only_right), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().get(only_right), Succeeds());
}

TEST_F(Isolation, WritesTouchOneTenant) {
  const Memory before = value_of(right().get(id(0), true));
  MemoryPatch patch;
  patch.text = "changed";
  patch.embedding = Embedding{"default", {0.0F, 1.0F}};
  value_of(left().update(id(0), patch));
  ASSERT_THAT(left().touch(std::vector{id(1)}), Succeeds());
  ASSERT_THAT(left().forget(id(2)), Succeeds());
  ASSERT_THAT(left().erase(id(3)), Succeeds());
  Relation relation;
  relation.source_id = id(4);
  relation.target_id = id(5);
  value_of(left().put(relation));

  EXPECT_EQ(value_of(right().get(id(0), true)), before);
  EXPECT_EQ(value_of(right().get(id(1))).use_count, 0);
  EXPECT_EQ(value_of(right().get(id(2))).status, MemoryStatus::kActive);
  EXPECT_THAT(right().get(id(3)), Succeeds());
  EXPECT_THAT(value_of(list_all<Relation>(right(), {.filter = {id(4)}})), IsEmpty());
  EXPECT_THAT(value_of(list_all<Relation>(left(), {.filter = {id(4)}})), SizeIs(1));
  EXPECT_EQ(right().stats().memories, static_cast<std::uint64_t>(kCount));
  EXPECT_EQ(left().stats().memories, static_cast<std::uint64_t>(kCount) - 1);
}

// Both tenants hold memories of the same ids, so every id below names something on either side.
TEST_F(Isolation, TasksPlansJobsAndLineageAreTheTenantsOwn) {
  ConsolidationTask task;
  task.title = "left's";
  task.action = "merge";
  task.memory_ids = {id(0), id(1)};
  task.approval = Approval::kWaiting;
  const std::string task_id = value_of(left().queue().add(task)).task_id;
  Memory after = value_of(left().get(id(0)));
  after.text = "changed by a plan";
  Memory made = memory("made by a plan");
  made.id = Uuid::random();
  made.abstraction_level = 1;
  made.source_memory_ids = {id(0)};
  Plan plan;
  plan.origin = "left";
  plan.changes = {{value_of(left().get(id(0))), after}, {{}, made}};
  const Memory before = value_of(right().get(id(0), true));
  const Uuid plan_id = value_of(left().apply_plan(plan)).id;
  Plan other;
  other.origin = "left";
  const Uuid proposed = value_of(left().propose_plan(other)).id;
  ConsolidationJob job;
  job.project_id = "left";
  const Uuid job_id = value_of(left().put(job)).record.id;

  EXPECT_EQ(value_of(right().get(id(0), true)), before);
  EXPECT_THAT(value_of(list_all<ConsolidationTask>(right())), IsEmpty());
  EXPECT_THAT(right().get<ConsolidationTask>(task_id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().queue().decide(task_id, true), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().queue().reopen(task_id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().queue().close(task_id, "w"), FailsWith(ErrorCode::kNotFound));
  ConsolidationTaskClaim claim;
  claim.worker = "w";
  EXPECT_FALSE(value_of(right().queue().claim(claim)));
  EXPECT_THAT(value_of(right().plans()), IsEmpty());
  EXPECT_THAT(right().get_plan(plan_id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().undo_plan(plan_id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().apply_plan(proposed), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().drop_plan(proposed), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(value_of(list_all<ConsolidationJob>(right())), IsEmpty());
  EXPECT_THAT(right().get<ConsolidationJob>(job_id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().lineage(made.id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(value_of(right().lineage(id(0))).derived, IsEmpty());
  ASSERT_THAT(right().erase(id(1)), Succeeds());

  EXPECT_EQ(value_of(left().get<ConsolidationTask>(task_id)).status,
            ConsolidationTaskStatus::kOpen);
  EXPECT_THAT(value_of(left().lineage(id(0))).derived, SizeIs(1));
  EXPECT_THAT(value_of(left().plans()), SizeIs(2));
  EXPECT_EQ(value_of(left().get<ConsolidationJob>(job_id)).project_id, "left");
  EXPECT_THAT(left().queue().decide(task_id, true), Succeeds());
  EXPECT_TRUE(value_of(left().queue().claim(claim)));
  EXPECT_THAT(left().undo_plan(plan_id), Succeeds());
}

TEST_F(Isolation, ErasingASessionLeavesTheOtherTenantsSessionOfThatName) {
  ASSERT_THAT(left().erase<Session>("s"), Succeeds());

  EXPECT_EQ(left().stats().memories, 0U);
  EXPECT_EQ(right().stats().memories, static_cast<std::uint64_t>(kCount));
  EXPECT_THAT(right().get<Session>("s"), Succeeds());
}

TEST_F(Isolation, RelationsCannotCrossTenants) {
  const Uuid only_right = value_of(right().add(memory("only right"))).id;
  Relation relation;
  relation.source_id = id(0);
  relation.target_id = only_right;

  EXPECT_THAT(left().put(relation), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(right().put(relation), Succeeds());
}

TEST_F(Isolation, IdempotencyKeysAndErasuresAreTheTenantsOwn) {
  AddOptions options;
  options.idempotency_key = "k";
  const Uuid a = value_of(left().add(memory("one"), options)).id;
  const Uuid b = value_of(right().add(memory("two"), options)).id;
  EXPECT_NE(a, b);
  ASSERT_THAT(left().erase(id(7)), Succeeds());
  EXPECT_THAT(right().get(id(7)), Succeeds());
  Memory again = memory("again");
  again.id = id(7);
  EXPECT_THAT(left().add(again), FailsWith(ErrorCode::kConflict));
}

TEST_F(Isolation, ExportGivesOneTenant) {
  int memories = 0;
  ASSERT_THAT(left().export_records([&](const Record& record) -> Status {
    if (const auto* one = std::get_if<Memory>(&record)) {
      ++memories;
      EXPECT_EQ(one->user_id, "left");
    }
    return {};
  }),
              Succeeds());
  EXPECT_EQ(memories, kCount);
}

TEST_F(Isolation, TheEmptyAndTheUnknownTenantSeeNothing) {
  EXPECT_THAT(store_.tenant(""), FailsWith(ErrorCode::kInvalidArgument));
  Tenant nobody = value_of(store_.tenant("*"));
  EXPECT_THAT(owners(value_of(nobody.search(text_search("shared", 1000)))), IsEmpty());
  EXPECT_EQ(value_of(nobody.list()).matching, 0U);
  EXPECT_THAT(store_.tenants(), SizeIs(2));
}

}  // namespace
}  // namespace tulving
