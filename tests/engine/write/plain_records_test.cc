// The verbs for records that are looked up, put(), get(), list() and erase(), mean the same for
// every kind; what was put is there after a restart, sound, counted, and goes through export and
// import.

#include <algorithm>

#include "core/kinds/kinds.h"
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

// Something of the record that is no part of its key.
void change(Session& session) { session.summary = "Of Ada."; }
void change(Relation& relation) { relation.confidence = 0.5; }
void change(ConsolidationTask& task) { task.title = "Look again"; }
void change(ConsolidationJob& job) { job.progress = 0.5; }

template <class T>
class PlainRecords : public OneTenant {
 protected:
  void SetUp() override { add_memories(*tenant_); }

  static void add_memories(Tenant& tenant) {
    for (int i = 0; i < kMemories; ++i) {
      Memory one = memory("memory " + std::to_string(i));
      one.id = memory_id(i);
      value_of(tenant.add(one));
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
};
TYPED_TEST_SUITE(PlainRecords, Types<kinds::PlainKinds>::Type);

TYPED_TEST(PlainRecords, ArePutGotAndErased) {
  Tenant& tenant = *this->tenant_;
  const auto added = value_of(tenant.put(this->record(1)));
  EXPECT_EQ(added.effect, WriteEffect::kAdded);
  EXPECT_EQ(added.record.revision, this->store_->revision());
  EXPECT_EQ(added.record.created_at, this->clock_.now());
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
  ASSERT_THAT(lines, SizeIs(kMemories + 3));
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

}  // namespace
}  // namespace tulving
