// What one write sees of itself: its later parts read the tenant as its earlier parts leave it, and
// of a write that is refused nothing is left, neither to the next write nor to a reader.

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StagedReads : public ::testing::Test {
 protected:
  StagedReads() {
    StoreOptions options;
    options.memories_max = 3;
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  static Memory named(const std::string& text, const std::string& name) {
    Memory one = memory(text);
    one.external_id = name;
    return one;
  }
  static std::vector<Memory> of(std::initializer_list<Memory> memories) { return memories; }
  void expect_untouched() {
    EXPECT_EQ(store_->revision(), 0U);
    EXPECT_THAT(value_of(tenant_->list()).memories, IsEmpty());
    EXPECT_THAT(store_->tenants(), IsEmpty());
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  }

  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(StagedReads, ANameThatAnEarlierPartTookIsTaken) {
  const auto refused = tenant_->add(of({named("first", "a"), named("second", "a")}));
  ASSERT_THAT(refused, FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(refused.error().position, 1U);
  expect_untouched();
  EXPECT_THAT(tenant_->add(named("second", "a")), Succeeds()) << "the name is free again";
}

TEST_F(StagedReads, ATextThatAnEarlierPartSaidIsReinforced) {
  AddOptions options;
  options.on_duplicate = OnDuplicate::kReinforce;
  const auto results = value_of(tenant_->add(of({memory("tea"), memory("tea")}), options));
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[1].effect, WriteEffect::kReinforced);
  EXPECT_EQ(results[1].id, results[0].id);
  EXPECT_EQ(value_of(tenant_->get(results[0].id)).use_count, 1);
  EXPECT_THAT(value_of(tenant_->list()).memories, SizeIs(1));
}

TEST_F(StagedReads, ADimensionThatAnEarlierPartFixedHolds) {
  const auto refused =
      tenant_->add(of({memory("three", {1.0F, 0.0F, 0.0F}), memory("two", {1.0F, 0.0F})}));
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused.error().field, "embedding");
  expect_untouched();
  EXPECT_THAT(tenant_->add(memory("two", {1.0F, 0.0F})), Succeeds()) << "nothing is fixed yet";
}

TEST_F(StagedReads, MemoriesOfEarlierPartsCountAgainstTheLimit) {
  const auto refused = tenant_->add(of({memory("a"), memory("b"), memory("c"), memory("d")}));
  ASSERT_THAT(refused, FailsWith(ErrorCode::kResourceExhausted));
  expect_untouched();
  EXPECT_THAT(tenant_->add(of({memory("a"), memory("b"), memory("c")})), Succeeds());
  EXPECT_THAT(tenant_->add(memory("d")), FailsWith(ErrorCode::kResourceExhausted));
}

TEST_F(StagedReads, ARecordMayStandAboveTheOneThatItNames) {
  Memory source = named("source", "s");
  Memory merge = named("merge", "m");
  merge.id = Uuid::random();
  source.consolidated_into_id = merge.id;
  const std::vector<Record> records = {source, merge};
  ASSERT_THAT(tenant_->write(records), Succeeds());
  EXPECT_EQ(value_of(tenant_->get(value_of(tenant_->resolve("s")))).consolidated_into_id, merge.id);
}

TEST_F(StagedReads, OneMemoryTouchedTwiceIsOneChange) {
  const Uuid id = value_of(tenant_->add(memory("tea"))).id;
  const std::vector<Uuid> twice = {id, id};
  ASSERT_THAT(tenant_->touch(twice), Succeeds());
  EXPECT_EQ(value_of(tenant_->get(id)).use_count, 2);
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
