// The verbs for records that are looked up, put(), get(), list() and erase(), mean the same for
// every kind; what was put is there after a restart, sound, counted, and goes through export and
// import.

#include <algorithm>

#include "core/kinds/kinds.h"
#include "core/kinds/unique.h"
#include "tests/engine/one_tenant.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

template <class List>
struct Types;
template <class... Records>
struct Types<kinds::KindList<Records...>> {
  using Type = ::testing::Types<Records...>;
};

constexpr int kMemories = 8;

Uuid memory_id(int i) { return Uuid::derive("plain", std::to_string(i)); }

void make(int i, Session& session) { session.session_id = "s" + std::to_string(i); }
void make(int i, Relation& relation) {
  relation.source_id = memory_id(i);
  relation.target_id = memory_id(i + 1);
  relation.strength = 0.87;
}
void make(int i, ConsolidationTask& task) {
  task.title = "Look at it";
  task.action = "merge";
  task.memory_ids = {memory_id(i)};
}
void make(int i, ConsolidationJob& job) {
  job.id = Uuid::derive("job", std::to_string(i));
  job.project_id = "garden";
}

void make(int i, Project& project) { project.project_id = "p" + std::to_string(i); }
void make(int i, Task& task) {
  task.task_id = "t" + std::to_string(i);
  task.goal = "Grow beans.";
}
void make(int i, Stage& stage) {
  stage.stage_id = "g" + std::to_string(i);
  stage.task_id = "there";
}
void make(int i, ErrorRecord& error) {
  error.error_id = "e" + std::to_string(i);
  error.task_id = "there";
}
void make(int i, CompressionMetric& metric) {
  metric.metric_id = "m" + std::to_string(i);
  metric.compression_type = "stage";
  metric.model_used = "extractive";
}
void make(int i, UserProfile& profile) { profile.user_id = "u" + std::to_string(i); }
void make(int i, AgentState& state) {
  state.state_id = "a" + std::to_string(i);
  state.agent_id = "gardener";
}
void make(int i, AccessLogEntry& entry) {
  entry.log_id = "l" + std::to_string(i);
  entry.operation = "read";
  entry.memory_id = memory_id(i);
}
void make(int i, DataSource& source) {
  source.source_id = "d" + std::to_string(i);
  source.source_name = "source " + std::to_string(i);
}
void make(int i, AccessPolicy& policy) {
  policy.policy_id = "y" + std::to_string(i);
  policy.policy_name = "policy " + std::to_string(i);
  policy.policy_rules = "{}";
}
void make(int i, AgentResult& result) {
  result.result_id = "r" + std::to_string(i);
  result.result = "{}";
}

// Something of the record that is no part of its key.
void change(Project& project) { project.name = "Garden"; }
void change(Task& task) { task.title = "Beans"; }
void change(Stage& stage) { stage.summary = "Sown."; }
void change(ErrorRecord& error) { error.severity = 0.5; }
void change(CompressionMetric& metric) { metric.cost_usd = 0.25; }
void change(UserProfile& profile) { profile.is_active = false; }
void change(AgentState& state) { state.state_data = "[1]"; }
void change(AccessLogEntry& entry) { entry.success = false; }
void change(DataSource& source) { source.is_active = false; }
void change(AccessPolicy& policy) { policy.policy_rules = "[]"; }
void change(AgentResult& result) { result.confidence = 0.5; }
void change(Session& session) { session.summary = "Of Ada."; }
void change(Relation& relation) { relation.confidence = 0.5; }
void change(ConsolidationTask& task) { task.title = "Look again"; }
void change(ConsolidationJob& job) { job.progress = 0.5; }

Uuid other_key(const Uuid&) { return Uuid::derive("another", ""); }
std::string other_key(std::string_view) { return "another"; }

template <class T>
class PlainRecords : public OneTenant {
 protected:
  // Whether records of the kind must name a task that is there.
  static constexpr bool kInTask = std::is_same_v<T, Stage> || std::is_same_v<T, ErrorRecord>;

  void SetUp() override { add_memories(*tenant_); }

  static void add_memories(Tenant& tenant) {
    for (int i = 0; i < kMemories; ++i) {
      Memory one = memory("memory " + std::to_string(i));
      one.id = memory_id(i);
      value_of(tenant.add(one));
    }
    if (kInTask) {
      Task there;
      there.task_id = "there";
      value_of(tenant.put(there));
    }
  }
  T record(int i) {
    T record;
    make(i, record);
    return record;
  }
  T put(int i) {
    clock_.advance(std::chrono::seconds(1));
    return value_of(tenant_->put(record(i))).record;
  }
  const kinds::Key<T>& key(const T& record) { return kinds::key_of(record); }
  // The time that a put fills in.
  static std::optional<Timestamp> created(const T& record) {
    std::optional<Timestamp> time;
    kinds::each_field<T>([&](const auto& field) {
      if constexpr (std::is_same_v<decltype(time),
                                   std::remove_cvref_t<decltype(field.of(record))>>) {
        if (field.use == kinds::Use::kCreated) time = field.of(record);
      }
    });
    return time;
  }
};
TYPED_TEST_SUITE(PlainRecords, Types<kinds::PlainKinds>::Type);

TYPED_TEST(PlainRecords, ArePutGotAndErased) {
  Tenant& tenant = *this->tenant_;
  const auto added = value_of(tenant.put(this->record(1)));
  EXPECT_EQ(added.effect, WriteEffect::kAdded);
  EXPECT_EQ(added.record.revision, this->store_->revision());
  EXPECT_EQ(this->created(added.record), this->clock_.now());
  const auto& key = this->key(added.record);
  EXPECT_EQ(value_of(tenant.template get<TypeParam>(key)), added.record);

  EXPECT_EQ(value_of(tenant.put(added.record)).effect, WriteEffect::kUnchanged);
  EXPECT_EQ(this->store_->revision(), added.record.revision);
  TypeParam changed = added.record;
  change(changed);
  EXPECT_THAT(tenant.put(changed, added.record.revision + 1), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant.put(changed, 0), FailsWith(ErrorCode::kConflict));
  const auto updated = value_of(tenant.put(changed, added.record.revision));
  EXPECT_EQ(updated.effect, WriteEffect::kUpdated);
  EXPECT_EQ(value_of(tenant.template get<TypeParam>(key)), updated.record);

  EXPECT_THAT(tenant.template erase<TypeParam>(key), Succeeds());
  EXPECT_THAT(tenant.template get<TypeParam>(key), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant.template erase<TypeParam>(key), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(value_of(tenant.put(changed, 0)).effect, WriteEffect::kAdded) << "it may come back";
}

TYPED_TEST(PlainRecords, AreListedInPages) {
  Tenant& tenant = *this->tenant_;
  for (const int i : {3, 1, 4, 2, 5}) this->put(i);
  const auto all = value_of(list_all<TypeParam>(tenant));
  ASSERT_THAT(all, SizeIs(5));

  std::vector<TypeParam> paged;
  ListOptions<TypeParam> options{.limit = 2};
  do {
    auto page = value_of(tenant.template list<TypeParam>(options));
    EXPECT_EQ(page.matching, 5U);
    EXPECT_LE(page.records.size(), 2U);
    for (TypeParam& record : page.records) paged.push_back(std::move(record));
    options.cursor = page.next_cursor;
  } while (!options.cursor.empty());
  EXPECT_THAT(paged, ElementsAreArray(all));

  // A page begins behind the last record of the one before, be that there or not.
  const auto first = value_of(tenant.template list<TypeParam>({.limit = 2}));
  ASSERT_THAT(tenant.template erase<TypeParam>(this->key(first.records[1])), Succeeds());
  const auto second =
      value_of(tenant.template list<TypeParam>({.limit = 9, .cursor = first.next_cursor}));
  EXPECT_THAT(second.records, ElementsAreArray(std::vector(all.begin() + 2, all.end())));

  EXPECT_THAT(tenant.template list<TypeParam>({.limit = 0}),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.template list<TypeParam>({.cursor = "no page's"}),
              FailsWith(ErrorCode::kInvalidArgument));
}

TYPED_TEST(PlainRecords, AreThereAfterARestart) {
  this->put(1);
  const TypeParam gone = this->put(2);
  ASSERT_THAT(this->tenant_->template erase<TypeParam>(this->key(gone)), Succeeds());
  const auto before = value_of(list_all<TypeParam>(*this->tenant_));

  this->reopen();

  EXPECT_THAT(value_of(list_all<TypeParam>(*this->tenant_)), ElementsAreArray(before));
  EXPECT_EQ(this->tenant_->stats().records.at(std::string(kinds::Kind<TypeParam>::plural)), 1U);
  EXPECT_THAT(value_of(this->store_->verify()).problems, IsEmpty());
}

TYPED_TEST(PlainRecords, GoThroughExportAndImport) {
  for (const int i : {1, 2, 3}) this->put(i);
  const auto lines = exported_lines(*this->tenant_);
  ASSERT_THAT(lines, SizeIs(kMemories + 3 + (TestFixture::kInTask ? 1 : 0)));
  std::vector<Record> records;
  for (const std::string& line : lines) records.push_back(value_of(parse_record(line)).record);
  std::ranges::reverse(records);  // What is named may stand further down.

  const Store other = value_of(Store::open_in_memory());
  Tenant copy = value_of(other.tenant("acme"));
  value_of(copy.write(records));
  EXPECT_THAT(exported_lines(copy), ElementsAreArray(lines));
  const auto again = value_of(copy.write(records));
  EXPECT_TRUE(std::ranges::all_of(
      again, [](const AddResult& one) { return one.effect == WriteEffect::kUnchanged; }));
}

TYPED_TEST(PlainRecords, AreUpdatedInPlace) {
  Tenant& tenant = *this->tenant_;
  const TypeParam before = this->put(1);
  const auto& key = this->key(before);
  const auto change_it = [](TypeParam& record) -> Status {
    change(record);
    return {};
  };
  EXPECT_THAT(tenant.template update<TypeParam>(key, change_it, before.revision + 1),
              FailsWith(ErrorCode::kConflict));
  const auto updated = value_of(tenant.template update<TypeParam>(key, change_it, before.revision));
  EXPECT_EQ(updated.effect, WriteEffect::kUpdated);
  EXPECT_EQ(value_of(tenant.template get<TypeParam>(key)), updated.record);
  const auto refuse = [](TypeParam& record) -> Status {
    record = {};
    return Error{ErrorCode::kInvalidArgument, "no"};
  };
  EXPECT_THAT(tenant.template update<TypeParam>(key, refuse),
              FailsWith(ErrorCode::kInvalidArgument));
  const auto rename = [](TypeParam& record) -> Status {
    record.*kinds::Kind<TypeParam>::key.member = other_key(kinds::key_of(record));
    return {};
  };
  EXPECT_THAT(tenant.template update<TypeParam>(key, rename),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(value_of(tenant.template get<TypeParam>(key)), updated.record);
  EXPECT_THAT(tenant.template update<TypeParam>(other_key(key), change_it),
              FailsWith(ErrorCode::kNotFound));
}

// Of a kind whose records may be given no id: the same import twice is the same record, and two
// equal lines of one import are two.
TYPED_TEST(PlainRecords, WithoutAnIdAreImportedOnce) {
  if constexpr (kinds::kHasOwnId<TypeParam>) {
    TypeParam one = this->record(1);
    one.*kinds::Kind<TypeParam>::key.member = {};
    const bool is_told_by_name = kinds::has_unique_value(one);
    const std::vector<Record> records = {one, one};
    Tenant& tenant = *this->tenant_;
    value_of(tenant.write(records));
    EXPECT_THAT(value_of(list_all<TypeParam>(tenant)), SizeIs(is_told_by_name ? 1 : 2));
    for (const AddResult& result : value_of(tenant.write(records))) {
      EXPECT_EQ(result.effect, WriteEffect::kUnchanged);
    }
  }
}

}  // namespace
}  // namespace tulving
