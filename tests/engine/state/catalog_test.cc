// What is promised: asking for tenants that nobody wrote to leaves nothing behind, however many
// names there are; those in hand are one tenant a name; and one that was written to stays.

#include "core/engine/state/catalog.h"

#include <algorithm>

#include "tests/engine/one_tenant.h"

namespace tulving {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Catalog, KeepsNoNameThatNobodyHolds) {
  engine::Catalog catalog;
  std::size_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    (void)catalog.tenant("nobody" + std::to_string(i), {});
    most = std::max(most, catalog.unwritten());
  }
  EXPECT_LE(most, 64U);
}

TEST(Catalog, GivesWhoeverAsksTheOneInHand) {
  engine::Catalog catalog;
  std::vector<std::shared_ptr<engine::SharedTenant>> held;
  for (int i = 0; i < 500; ++i) held.push_back(catalog.tenant("t" + std::to_string(i), {}));
  for (int i = 0; i < 2000; ++i) (void)catalog.tenant("nobody" + std::to_string(i), {});
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(catalog.tenant("t" + std::to_string(i), {}), held[i]);
    EXPECT_FALSE(held[i]->has_state());
  }

  catalog.register_tenant(held[7], 0);
  held.clear();
  for (int i = 0; i < 2000; ++i) (void)catalog.tenant("other" + std::to_string(i), {});

  EXPECT_EQ(catalog.tenant("t7", {})->seen_by_writer().number, 0U);
  EXPECT_LE(catalog.unwritten(), 64U + 500U);
}

class NobodysTenant : public OneTenantInRam {};

TEST_F(NobodysTenant, ReadsAsAnEmptyOneAndIsWrittenToThroughAnyHandle) {
  const Tenant first = value_of(store_->tenant("nobody"));
  Tenant second = value_of(store_->tenant("nobody"));
  EXPECT_THAT(value_of(first.list({})).memories, IsEmpty());
  EXPECT_THAT(value_of(first.search(text_search("tea"))).hits, IsEmpty());
  const auto missing = first.resolve("tea");
  ASSERT_THAT(missing, FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(missing.error().message, HasSubstr("tenant \"nobody\""));
  EXPECT_THAT(store_->tenants(), IsEmpty());

  value_of(second.add(memory("tea")));

  EXPECT_THAT(texts_of(value_of(first.search(text_search("tea")))), ElementsAre("tea"));
  EXPECT_THAT(store_->tenants(), ElementsAre("nobody"));
}

// A write that was refused makes no tenant, and leaves the name free for the next.
TEST_F(NobodysTenant, IsNotMadeByAWriteThatIsRefused) {
  Memory bad = memory("tea");
  bad.session_id = "no such session";
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(value_of(store_->tenant("nobody")).add(bad).has_value());
  }
  EXPECT_THAT(store_->tenants(), IsEmpty());
  value_of(value_of(store_->tenant("nobody")).add(memory("tea")));
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
}

}  // namespace
}  // namespace tulving
