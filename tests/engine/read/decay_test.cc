// What is promised: decay_scores() returns what decay_score() says of each memory, to the bit, in
// order and with an exact count, whatever the pass over the columns rounds; decay(), the filter on
// a minimum score and the counts say the same; thresholds are settled when the store is opened.
//
// The test can tell because everything is computed a second time from exported records, with
// bounds that lie on scores to the last bit, where rounding would show.

#include <algorithm>
#include <cstdlib>

#include "tests/engine/testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr DecayModel kModels[] = {DecayModel::kPowerLaw, DecayModel::kExponential,
                                  DecayModel::kTwoComponent};

class Decay : public ::testing::TestWithParam<DecayModel> {
 protected:
  Decay() {
    StoreOptions options;
    options.clock = clock_.clock();
    options.decay_model = GetParam();
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  // Fills the tenant with memories of every age, status and use. Every fourth shares its score with
  // others.
  void fill(int count) {
    RecordProperty("seed", 5);
    std::mt19937_64 random(5);
    std::vector<Memory> memories;
    for (int i = 0; i < count; ++i) {
      Memory one = memory("memory " + std::to_string(i));
      const auto age = std::exp2(std::uniform_real_distribution(0.0, 25.0)(random));
      one.last_used = one.created_at =
          clock_.now() - std::chrono::seconds(i % 4 == 0 ? 86'400 : static_cast<int>(age));
      one.use_count = i % 4 == 0 ? 0 : static_cast<std::int32_t>(random() % 30);
      one.strength = i % 4 == 0 ? 1.0F : static_cast<float>(random() % 2000) / 1000.0F;
      one.status = static_cast<MemoryStatus>(i % 10 < 6 ? 0 : i % 10 - 6);
      if (i % 13 == 0) one.expires_at = clock_.now() + std::chrono::seconds(i % 2 == 0 ? 0 : 100);
      memories.push_back(one);
    }
    value_of(tenant_->add(memories));
    ListRequest first;
    first.limit = 1;
    for (int i = 0; i < count; i += 17) {  // Holes and reused rows.
      ASSERT_THAT(tenant_->erase(value_of(tenant_->list(first)).memories[0].id()), Succeeds());
    }
    value_of(tenant_->add(memory("one more")));
  }

  [[nodiscard]] std::vector<Memory> all() const {
    std::vector<Memory> memories;
    const auto visit = [&](const Record& record) -> Status {
      memories.push_back(std::get<Memory>(record));
      return {};
    };
    EXPECT_THAT(tenant_->export_records(visit), Succeeds());
    return memories;
  }

  [[nodiscard]] double score_of(const Memory& one, Timestamp at) const {
    return decay_score(GetParam(), decay_input(one, at));
  }

  // What the request should give, from the records alone.
  [[nodiscard]] DecayResponse expected(const DecayRequest& request) const {
    DecayResponse response;
    response.now = request.now.value_or(clock_.now());
    for (const Memory& one : all()) {
      const double score = score_of(one, response.now);
      const auto& statuses = request.statuses;
      if (std::find(statuses.begin(), statuses.end(), one.status) == statuses.end()) continue;
      if (!request.include_expired && one.expires_at && *one.expires_at <= response.now) continue;
      if (request.at_least && score < *request.at_least) continue;
      if (request.below && score >= *request.below) continue;
      response.memories.push_back(
          {one.id, score, one.revision, static_cast<float>(one.strength), one.use_count});
    }
    response.matching = response.memories.size();
    std::sort(response.memories.begin(), response.memories.end(),
              [](const DecayedMemory& a, const DecayedMemory& b) {
                return std::tie(a.score, a.id) < std::tie(b.score, b.id);
              });
    if (response.memories.size() > request.limit) response.memories.resize(request.limit);
    return response;
  }

  void expect_as_specified(const DecayRequest& request) const {
    const DecayResponse found = value_of(tenant_->decay_scores(request));
    const DecayResponse right = expected(request);
    EXPECT_EQ(found.matching, right.matching);
    EXPECT_EQ(found.now, right.now);
    ASSERT_EQ(found.memories.size(), right.memories.size());
    for (std::size_t i = 0; i < found.memories.size(); ++i) {
      ASSERT_EQ(found.memories[i].id, right.memories[i].id) << "place " << i;
      ASSERT_EQ(found.memories[i].score, right.memories[i].score);
      ASSERT_EQ(found.memories[i].revision, right.memories[i].revision);
      ASSERT_EQ(found.memories[i].strength, right.memories[i].strength);
      ASSERT_EQ(found.memories[i].use_count, right.memories[i].use_count);
    }
  }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_P(Decay, ScoresAreThoseOfTheSpecificationMostUrgentFirst) {
  fill(3000);
  for (const std::uint64_t limit : {1ULL, 7ULL, 700ULL, 1'000'000ULL}) {
    expect_as_specified({.limit = limit});
    expect_as_specified({.below = 0.35, .limit = limit});
    expect_as_specified({.at_least = 0.10, .below = 0.35, .limit = limit});
  }
  expect_as_specified({.now = clock_.now() + std::chrono::hours(24 * 40), .below = 0.1});
  expect_as_specified({.limit = 5000,
                       .statuses = {MemoryStatus::kArchived, MemoryStatus::kDeleted},
                       .include_expired = true});
  expect_as_specified({.statuses = {}});
}

TEST_P(Decay, BoundsThatLieOnAScoreAreExactToTheLastBit) {
  fill(400);
  for (const Memory& one : all()) {
    const double score = score_of(one, clock_.now());
    if (score > 1) continue;
    for (const double bound : {std::nextafter(score, 0.0), score, std::nextafter(score, 1.0)}) {
      const DecayRequest request{.at_least = bound, .limit = 1};
      ASSERT_EQ(value_of(tenant_->decay_scores(request)).matching, expected(request).matching);
      ListRequest list;
      list.filter = Filter(DecayAtLeast{bound});
      std::uint64_t matching = 0;
      for (const Memory& other : all()) {
        const bool is_visible =
            (other.status == MemoryStatus::kActive || other.status == MemoryStatus::kPromoted) &&
            (!other.expires_at || *other.expires_at > clock_.now());
        matching += is_visible && score_of(other, clock_.now()) >= bound ? 1U : 0U;
      }
      ASSERT_EQ(value_of(tenant_->list(list)).matching, matching) << "bound " << bound;
    }
    clock_.advance(std::chrono::milliseconds(17));
  }
}

TEST_P(Decay, ScoresCloserThanThePassCanTellAreStillInOrder) {
  std::vector<Memory> memories;
  for (int i = 0; i < 300; ++i) {  // All score 0.2, in steps of 1e-9 of it, each by another use.
    const double score = 0.2 * (1 + 1e-9 * (i * 37 % 300));
    const TimeUntil until = time_until(GetParam(), {.use_count = i, .strength = 1}, score);
    const auto age = std::get<std::chrono::duration<double>>(until);
    memories.push_back(memory("memory " + std::to_string(i)));
    memories.back().use_count = i;
    memories.back().last_used = memories.back().created_at =
        clock_.now() - std::chrono::duration_cast<std::chrono::microseconds>(age);
  }
  value_of(tenant_->add(memories));

  for (std::uint64_t limit = 1; limit <= 300; limit += 13) expect_as_specified({.limit = limit});
}

TEST_P(Decay, CountsAreThoseOfTheBands) {
  fill(1000);
  value_of(value_of(store_->tenant("other")).add(memory("elsewhere")));
  DecayCounts right;
  right.now = clock_.now() + std::chrono::hours(30);
  for (const Memory& one : all()) {
    const bool is_visible =
        one.status == MemoryStatus::kActive || one.status == MemoryStatus::kPromoted;
    if (!is_visible || (one.expires_at && *one.expires_at <= right.now)) continue;
    const double score = score_of(one, right.now);
    ++right.memories;
    ++(score < 0.10   ? right.urgent
       : score < 0.15 ? right.near_forget
       : score < 0.35 ? right.in_danger
       : score > 0.65 ? right.lasting
                      : right.steady);
  }

  EXPECT_EQ(value_of(tenant_->decay_counts(right.now)), right);
  const DecayCounts of_both = value_of(store_->decay_counts(right.now));
  EXPECT_EQ(of_both.memories, right.memories + 1);
}

TEST_P(Decay, OfOneMemoryTellsHowLongItHas) {
  const Uuid id = value_of(tenant_->add(memory("tea"))).id;
  clock_.advance(std::chrono::hours(1));
  const Memory tea = value_of(tenant_->get(id));

  const MemoryDecay decay = value_of(tenant_->decay(id));

  EXPECT_EQ(decay.now, clock_.now());
  EXPECT_EQ(decay.unclamped, score_of(tea, clock_.now()));
  EXPECT_EQ(decay.score, std::min(1.0, decay.unclamped));
  const auto danger = std::get<std::chrono::duration<double>>(decay.until_danger);
  const auto forget = std::get<std::chrono::duration<double>>(decay.until_forget);
  const auto near = std::get<std::chrono::duration<double>>(decay.until_near_forget);
  EXPECT_LT(danger, near);
  EXPECT_LT(near, forget);
  const auto leaving = clock_.now() + std::chrono::duration_cast<std::chrono::microseconds>(near);
  EXPECT_NEAR(value_of(tenant_->decay(id, leaving)).score, 0.15, 1e-9);
  const auto then = clock_.now() + std::chrono::duration_cast<std::chrono::microseconds>(forget);
  EXPECT_NEAR(value_of(tenant_->decay(id, then)).score, 0.10, 1e-9);
  EXPECT_EQ(value_of(tenant_->decay(id, then + std::chrono::seconds(1))).until_forget,
            TimeUntil(AlreadyThere()));
}

std::string name_of(const ::testing::TestParamInfo<DecayModel>& model) {
  if (model.param == DecayModel::kPowerLaw) return "PowerLaw";
  return model.param == DecayModel::kExponential ? "Exponential" : "TwoComponent";
}

INSTANTIATE_TEST_SUITE_P(Models, Decay, ::testing::ValuesIn(kModels), name_of);

TEST(DecayRequests, ThatMakeNoSenseAreRefused) {
  const Store store = value_of(Store::open_in_memory());
  const Tenant tenant = value_of(store.tenant("acme"));
  const Timestamp beyond{std::chrono::hours(24 * 366) * 9000};

  EXPECT_THAT(tenant.decay_scores({.at_least = -0.1}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay_scores({.below = 1.5}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay_scores({.below = std::nan("")}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay_scores({.limit = 0}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay_scores({.now = beyond}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay_counts(beyond), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(store.decay_counts(beyond), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay(Uuid::random(), beyond), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant.decay(Uuid::random()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(value_of(tenant.decay_scores()).memories, IsEmpty());
}

TEST(StoreThresholds, AreSettledWhenTheStoreIsOpened) {
  constexpr const char* kVariable = "CORTEXGRAPH_PROMOTE_THRESHOLD";
  ::setenv(kVariable, "0.8", 1);
  StoreOptions options;
  options.thresholds.forget = 0.05;
  const Store store = value_of(Store::open_in_memory(options));
  ::setenv(kVariable, "nonsense", 1);
  const auto refused = Store::open_in_memory(options);
  ::unsetenv(kVariable);

  EXPECT_EQ(store.thresholds().forget, 0.05);
  EXPECT_EQ(store.thresholds().promote, 0.8);
  EXPECT_EQ(store.thresholds().danger_zone_max, 0.35);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(refused.error().message, HasSubstr(kVariable));
}

TEST(StoreThresholds, ThatAreCrossedLeaveNoStoreBehind) {
  const TemporaryDirectory directory;
  StoreOptions options;
  options.thresholds.danger_zone_min = 0.5;

  EXPECT_THAT(Store::open(directory / "db", options), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_FALSE(std::filesystem::exists(directory / "db"));
}

}  // namespace
}  // namespace tulving::testing
