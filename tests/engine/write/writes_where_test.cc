// Writes by filter, and sessions that come with their first memory.

#include <algorithm>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WritesWhere : public ::testing::Test {
 protected:
  Uuid add(const std::string& user, const std::string& text) {
    Memory one = memory(text);
    one.user_id = user;
    return value_of(tenant_.add(one)).id;
  }
  Store store_ = value_of(Store::open_in_memory());
  Tenant tenant_ = value_of(store_.tenant("acme"));
};

TEST_F(WritesWhere, ForgetWhatTheFilterLetsThroughInOneWrite) {
  std::vector<Uuid> anas = {add("ana", "one"), add("ana", "two")};
  const Uuid bos = add("bo", "three");
  ASSERT_THAT(tenant_.archive(anas[1]), Succeeds());
  const auto before = store_.revision();
  std::ranges::sort(anas);
  EXPECT_EQ(value_of(tenant_.forget_where(equals(Field::kUserId, "ana"))), anas);
  EXPECT_EQ(store_.revision(), before + 1);
  EXPECT_EQ(value_of(tenant_.get(anas[0])).status, MemoryStatus::kDeleted);
  EXPECT_EQ(value_of(tenant_.get(bos)).status, MemoryStatus::kActive);
  EXPECT_THAT(value_of(tenant_.forget_where(equals(Field::kUserId, "ana"))), IsEmpty());
  EXPECT_EQ(store_.revision(), before + 1) << "nothing to do is no write";
}

TEST_F(WritesWhere, EraseForgottenOnesToo) {
  const Uuid forgotten = add("ana", "one");
  const Uuid bos = add("bo", "two");
  ASSERT_THAT(tenant_.forget(forgotten), Succeeds());
  EXPECT_THAT(value_of(tenant_.erase_where(equals(Field::kUserId, "ana"))), ElementsAre(forgotten));
  EXPECT_TRUE(tenant_.was_erased(forgotten));
  EXPECT_THAT(value_of(tenant_.erase_where(Filter())), ElementsAre(bos));
  EXPECT_EQ(tenant_.stats().memories, 0U);
  EXPECT_THAT(value_of(store_.verify()).problems, IsEmpty());
}

TEST_F(WritesWhere, ReachNoOtherTenant) {
  Tenant other = value_of(store_.tenant("other"));
  const Uuid theirs = value_of(other.add(memory("theirs"))).id;
  add("ana", "ours");
  EXPECT_EQ(value_of(tenant_.erase_where(Filter())).size(), 1U);
  EXPECT_THAT(other.get(theirs), Succeeds());
}

TEST_F(WritesWhere, RefuseABadFilter) {
  EXPECT_THAT(tenant_.forget_where(MetadataEquals{"", "1"}),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_.erase_where(MetadataEquals{"", "1"}), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(WritesWhere, ASessionComesWithItsFirstMemoryWhereAskedTo) {
  Memory one = memory("one");
  one.session_id = "s1";
  one.user_id = "ana";
  const auto refused = tenant_.add(one);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused.error().field, "session_id");
  AddOptions options;
  options.make_session = true;
  one.embeddings = {{"default", {1, 2}}};
  value_of(tenant_.add(one, options));
  EXPECT_EQ(value_of(tenant_.get<Session>("s1")).user_id, "ana");
  const auto revision = value_of(tenant_.get<Session>("s1")).revision;
  one.text = "two";
  value_of(tenant_.add(std::vector{one, one}, options));
  EXPECT_EQ(value_of(tenant_.get<Session>("s1")).revision, revision) << "it was there";
}

}  // namespace
}  // namespace tulving
