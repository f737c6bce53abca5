// touch() with expires_after: never shortens a life, never revives, gives none an end that had
// none, and is kept.

#include <map>
#include <random>

#include "tests/engine/follow/follow_fixture.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SlidingExpiry : public Following {
 protected:
  Uuid add_until(std::optional<Timestamp> expiry) {
    Memory one = memory("Note " + std::to_string(texts_++));
    one.expires_at = expiry;
    return value_of(tenant_->add(one)).id;
  }
  Status touch(const std::vector<Uuid>& ids, std::chrono::microseconds window) {
    return tenant_->touch(ids, {.expires_after = window});
  }
  int texts_ = 0;
};

TEST_F(SlidingExpiry, IsTheWindowFromNowOrWhatItWas) {
  const Uuid soon = add_until(clock_.now() + 10s);
  const Uuid late = add_until(clock_.now() + 100s);
  const Uuid never = add_until({});
  const auto before = store_->revision();
  clock_.advance(5s);

  ASSERT_THAT(touch({soon, late, never}, 20s), Succeeds());

  EXPECT_EQ(store_->revision(), before + 1) << "one write";
  EXPECT_EQ(get(soon).expires_at, clock_.now() + 20s);
  EXPECT_EQ(get(late).expires_at, clock_.now() + 95s);
  EXPECT_EQ(get(never).expires_at, std::nullopt);
  for (const Uuid& id : {soon, late, never}) {
    EXPECT_EQ(get(id).use_count, 1) << "it is a touch all the same";
    EXPECT_EQ(get(id).last_used, clock_.now());
    EXPECT_EQ(get(id).revision, before + 1);
    EXPECT_EQ(get(id).updated_at, get(id).created_at) << "reading changes nothing that is said";
    EXPECT_THAT(value_of(tenant_->history(id)), SizeIs(1));
  }
  ASSERT_THAT(tenant_->touch(std::vector{soon}), Succeeds());
  EXPECT_EQ(get(soon).expires_at, clock_.now() + 20s) << "a touch alone extends nothing";
}

TEST_F(SlidingExpiry, ComesTooLateForWhatHasExpired) {
  const Uuid id = add_until(clock_.now() + 10s);
  clock_.advance(10s);  // At its expires_at it is over.
  ASSERT_THAT(touch({id}, 1h), Succeeds());
  EXPECT_EQ(get(id).expires_at, clock_.now());
  EXPECT_THAT(shown(), IsEmpty());
}

TEST_F(SlidingExpiry, IsAllOrNothing) {
  const Uuid id = add_until(clock_.now() + 10s);
  const Uuid gone = add_until(clock_.now() + 10s);
  ASSERT_THAT(tenant_->forget(gone), Succeeds());
  EXPECT_THAT(touch({id, gone}, 1h), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(touch({id, Uuid::random()}, 1h), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(get(id).expires_at, clock_.now() + 10s);
}

TEST_F(SlidingExpiry, HasBounds) {
  const Uuid id = add_until(clock_.now() + 10s);
  const auto before = store_->revision();
  for (const std::chrono::microseconds bad :
       {std::chrono::microseconds(0), std::chrono::microseconds(-1), 36'500 * 24h + 1us,
        std::chrono::microseconds::max(), std::chrono::microseconds::min()}) {
    const Status status = touch({id}, bad);
    ASSERT_THAT(status, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_EQ(status.error().field, "expires_after");
  }
  EXPECT_EQ(store_->revision(), before);
  ASSERT_THAT(touch({id}, 36'500 * 24h), Succeeds());
  EXPECT_EQ(get(id).expires_at, clock_.now() + 36'500 * 24h);
}

// Against a model of what each memory's end must be; the store is opened again now and then.
TEST_F(SlidingExpiry, IsWhatTheModelSaysWhateverComesInWhateverOrder) {
  const unsigned seed = 11;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](std::size_t end) { return random() % end; };
  std::map<Uuid, std::optional<Timestamp>> model;
  std::size_t extended = 0, over = 0;
  for (int step = 0; step < 400; ++step) {
    if (below(4) == 0 || model.empty()) {
      std::optional<Timestamp> expiry;
      if (below(4) != 0) expiry = clock_.now() + std::chrono::seconds(1 + below(60));
      model.emplace(add_until(expiry), expiry);
    }
    clock_.advance(std::chrono::milliseconds(below(3'000)));
    std::vector<Uuid> ids;
    const std::chrono::microseconds window(1 + below(40'000'000));
    for (auto& [id, expiry] : model) {
      if (below(8) != 0) continue;
      ids.push_back(id);
      if (!expiry) continue;
      if (*expiry <= clock_.now()) {
        ++over;
      } else if (*expiry < clock_.now() + window) {
        expiry = clock_.now() + window;
        ++extended;
      }
    }
    ASSERT_THAT(touch(ids, window), Succeeds());
    if (step % 100 == 99) reopen();
    std::size_t alive = 0;
    for (const auto& [id, expiry] : model) {
      ASSERT_EQ(get(id).expires_at, expiry);
      alive += !expiry || *expiry > clock_.now() ? 1 : 0;
    }
    ASSERT_EQ(value_of(tenant_->list()).matching, alive);
  }
  EXPECT_GT(extended, 100U);
  EXPECT_GT(over, 500U);
  expect_sound();
}

TEST_F(SlidingExpiry, OfAMergeIsThatOfItsSources) {
  const Timestamp end = clock_.now() + 24h * 365;
  const auto until = [&](Memory& one) { one.expires_at = end; };
  const std::vector<Uuid> made_of = {add("My locker code is 2291.", {1.0F, 0.0F}, until),
                                     add("The locker is on floor two.", {1.0F, 0.01F}, until)};
  const Uuid merged = merge().memory_id;
  const std::string said = text(merged);

  ASSERT_THAT(touch({merged}, 24h * 700), Succeeds());

  const Timestamp expected = clock_.now() + 24h * 700;
  EXPECT_EQ(get(merged).expires_at, expected);
  EXPECT_EQ(get(merged).use_count, 1);
  EXPECT_EQ(text(merged), said);
  EXPECT_THAT(sources(merged), SizeIs(2));
  for (const Uuid& id : made_of) EXPECT_EQ(get(id).expires_at, expected);
  EXPECT_THAT(shown(), ElementsAre(said));
  reopen();
  EXPECT_EQ(get(merged).expires_at, expected);
  expect_sound();
}

// Expiry is a border of what is made of memories: who moves alone leaves, all together stay.
TEST_F(SlidingExpiry, TakesASourceOutOfAPatternThatLivesLessLong) {
  const Timestamp end = clock_.now() + 24h * 365;
  std::vector<Uuid> ids;
  for (const char* shift : {"first", "second", "third"}) {
    ids.push_back(add("Restart the worker. Seen by the " + std::string(shift) + " shift.",
                      {1.0F, 0.0F}, [&](Memory& one) {
                        one.project_id = "p";
                        one.expires_at = end;
                      }));
  }
  const Uuid pattern = add("Restart the worker.", {1.0F, 0.0F}, [&](Memory& one) {
    one.project_id = "p";
    one.expires_at = end;
    one.abstraction_level = 2;
    one.pattern_type = PatternType::kSuccess;
    one.consolidation_method = ConsolidationMethod::kHeuristic;
    one.source_memory_ids = ids;
  });

  ASSERT_THAT(touch(ids, 24h * 700), Succeeds());
  EXPECT_THAT(sources(pattern), SizeIs(3));
  EXPECT_EQ(get(pattern).expires_at, clock_.now() + 24h * 700);

  ASSERT_THAT(touch({ids[0]}, 24h * 10), Succeeds());
  EXPECT_THAT(sources(pattern), SizeIs(3)) << "its life is not longer for it";

  ASSERT_THAT(touch({ids[0]}, 24h * 800), Succeeds());
  EXPECT_THAT(sources(pattern), SizeIs(2));
  EXPECT_EQ(get(pattern).expires_at, clock_.now() + 24h * 700);
  expect_sound();
}

}  // namespace
}  // namespace tulving
