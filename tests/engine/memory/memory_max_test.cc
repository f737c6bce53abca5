// What is promised of StoreOptions::memory_max: what would add to more is refused, with the number
// and nothing done of it; what makes the store smaller, or no larger, never is.

#include "core/base/memory_room.h"
#include "core/engine/store/memory_guard.h"
#include "tests/engine/testing.h"
#include "tulving/store.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t kMax = 2'000'000;

Store small_store(std::uint64_t memory_max) {
  StoreOptions options;
  options.memory_max = memory_max;
  options.background_indexing = false;
  return value_of(Store::open_in_memory(options));
}

Memory filler(int i) {
  std::mt19937 random(static_cast<unsigned>(i));
  Memory one = memory("filler w" + std::to_string(i) + " " + std::string(400, 'x'),
                      random_vector(random, 64));
  one.external_id = "n" + std::to_string(i);
  return one;
}

// Adds until a write is refused; how many were taken.
int fill(Tenant& tenant, int first = 0) {
  for (int i = first; i < 100'000; ++i) {
    const auto added = tenant.add(filler(i));
    if (added) continue;
    EXPECT_THAT(added, FailsWith(ErrorCode::kResourceExhausted));
    EXPECT_EQ(added.error().field, "memory_max");
    EXPECT_THAT(added.error().message,
                AllOf(HasSubstr("memory_max is 2000000 bytes"), HasSubstr("the store holds ")));
    return i;
  }
  return -1;
}

TEST(MemoryMax, RefusesWhatWouldAddToMoreAndKeepsTheRest) {
  Store store = small_store(kMax);
  Tenant tenant = value_of(store.tenant("acme"));
  const int taken = fill(tenant);
  ASSERT_GT(taken, 100);
  EXPECT_EQ(store.stats().memories, static_cast<std::uint64_t>(taken));
  // A count is of a moment, and containers grow in steps: nearly all of it, and not much more.
  EXPECT_GT(store.stats().ram_bytes, kMax / 2);
  EXPECT_LT(store.stats().ram_bytes, kMax + kMax / 4);
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
  std::vector<Memory> batch;
  for (int i = 0; i < 3000; ++i) batch.push_back(filler(200'000 + i));
  const std::uint64_t revision = store.revision();
  EXPECT_THAT(tenant.add(batch), FailsWith(ErrorCode::kResourceExhausted));
  EXPECT_EQ(store.revision(), revision);
}

TEST(MemoryMax, LetsThroughWhatMakesNothingLarger) {
  Store store = small_store(kMax);
  Tenant tenant = value_of(store.tenant("acme"));
  const int taken = fill(tenant);
  const auto id = [&](int i) { return value_of(tenant.resolve("n" + std::to_string(i))); };
  const std::vector<Uuid> some = {id(0), id(1)};
  EXPECT_THAT(tenant.touch(some), Succeeds());
  EXPECT_THAT(tenant.forget(id(0)), Succeeds());
  EXPECT_THAT(tenant.archive(id(1)), Succeeds());
  MemoryPatch shorter;
  shorter.text = "short";
  EXPECT_THAT(tenant.update(id(2), shorter), Succeeds());
  for (int i = 3; i < taken / 2; ++i) EXPECT_THAT(tenant.erase(id(i)), Succeeds());
  EXPECT_THAT(tenant.add(filler(taken)), Succeeds());  // There is room again.
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
}

TEST(MemoryMax, WithoutOneCountsNothing) {
  int counted = 0;
  engine::MemoryGuard guard(0, [&] { return ++counted; });
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(guard.check(1U << 20U, 100), Succeeds());
  EXPECT_EQ(counted, 0);
}

TEST(MemoryGuard, NeverLetsMoreInThanTheLimitBetweenTwoCounts) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const std::uint64_t limit = 100'000 + random() % 10'000'000;
    std::uint64_t held = random() % limit;
    std::uint64_t counts = 0, writes = 0;
    engine::MemoryGuard guard(limit, [&] {
      ++counts;
      return held;
    });
    for (int i = 0; i < 3000; ++i, ++writes) {
      const std::uint64_t growth = random() % 3000;
      const bool fits = held + growth <= limit;
      const auto checked = guard.check(growth, growth);
      if (!checked) {
        EXPECT_THAT(checked, FailsWith(ErrorCode::kResourceExhausted));
        EXPECT_FALSE(fits) << seed;  // By what there is, not by what there was.
      } else {
        EXPECT_TRUE(fits || growth == 0) << seed;
        held += growth;
      }
      if (random() % 10 == 0) held -= std::min<std::uint64_t>(held, random() % 20'000);
    }
    if (limit > 5'000'000 && held < limit / 4) {
      EXPECT_LT(counts, writes / 4);
    }
  }
}

TEST(MemoryRoom, IsWhatTheProcessMayHave) {
  EXPECT_TRUE(has_memory_room(0));
  EXPECT_TRUE(has_memory_room(1U << 20U));
  EXPECT_FALSE(has_memory_room(std::uint64_t{1} << 60));
}

}  // namespace
}  // namespace tulving
