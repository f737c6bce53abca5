// Lists come in the order asked for, page by page, and a search by recency in that of the times, to
// the microsecond. The oracle sorts everything.

#include <algorithm>
#include <tuple>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// What the filter of these tests means: all, or one tag.
bool lets_through(const Filter& filter, const Memory& memory, const std::string& tag) {
  return !std::holds_alternative<FieldIn>(filter.node) || memory.tags[0] == tag;
}

class Ordered : public ::testing::Test {
 protected:
  Ordered() {
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("t")));
  }

  // Few values a field, so that many are equal; times a microsecond apart.
  void fill(unsigned seed, int count) {
    std::mt19937_64 random(seed);
    const auto time = [&] {
      return clock_.now() - std::chrono::microseconds(random() % 5) -
             std::chrono::hours(24 * (random() % 3));
    };
    for (int i = 0; i < count; ++i) {
      Memory memory = testing::memory("memory " + std::to_string(i));
      memory.created_at = time();
      memory.updated_at = time();
      memory.last_used = time();
      memory.priority = 1 + static_cast<int>(random() % 4);
      memory.strength = static_cast<float>(random() % 3);
      memory.use_count = static_cast<int>(random() % 3);
      memory.tags = {random() % 2 == 0 ? "even" : "odd"};
      const Record record = memory;
      memories_.push_back(
          value_of(tenant_->get(value_of(tenant_->write(std::span(&record, 1)))[0].id)));
    }
  }

  std::vector<Memory> sorted(ListSort sort, ListOrder order) {
    const Timestamp now = clock_.now();
    const auto key = [&](const Memory& memory) {
      const double score = decay_score(DecayModel::kPowerLaw, decay_input(memory, now));
      const Timestamp epoch;
      switch (sort) {
        case ListSort::kCreated:
          return std::tuple(*memory.created_at, 0.0);
        case ListSort::kUpdated:
          return std::tuple(*memory.updated_at, 0.0);
        case ListSort::kLastUsed:
          return std::tuple(*memory.last_used, 0.0);
        case ListSort::kPriority:
          return std::tuple(epoch, double(memory.priority));
        default:
          return std::tuple(epoch, score);
      }
    };
    std::vector<Memory> all = memories_;
    std::ranges::sort(all, [&](const Memory& a, const Memory& b) {
      if (key(a) != key(b)) return (key(a) < key(b)) == (order == ListOrder::kAscending);
      return a.id < b.id;
    });
    return all;
  }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  std::vector<Memory> memories_;
};

TEST_F(Ordered, ListsAreTheSortedMemoriesPageByPage) {
  fill(81, 300);
  std::mt19937_64 random(82);
  int pages = 0;
  for (int round = 0; round < 200; ++round) {
    ListRequest request;
    request.sort = static_cast<ListSort>(random() % 5);
    request.order = static_cast<ListOrder>(random() % 2);
    const std::string tag = random() % 2 == 0 ? "even" : "odd";
    if (random() % 2 == 0) request.filter = tags_any({tag});
    std::vector<Uuid> expected;
    for (const Memory& memory : sorted(request.sort, request.order)) {
      if (lets_through(request.filter, memory, tag)) expected.push_back(memory.id);
    }
    std::vector<Uuid> listed;
    do {
      request.limit = static_cast<std::uint32_t>(1 + random() % 120);
      const MemoryPage page = value_of(tenant_->list(request));
      ASSERT_EQ(page.matching, expected.size());
      for (const MemoryView& view : page.memories) listed.push_back(view.id());
      request.cursor = page.next_cursor;
      ++pages;
    } while (!request.cursor.empty());
    ASSERT_EQ(listed, expected) << to_string(request.sort) << " " << to_string(request.order);
  }
  RecordProperty("pages", pages);
}

TEST_F(Ordered, PagesByDecayKeepTheFirstPagesClock) {
  // One that is used often fades slowly in the end and one just used fast: their order turns.
  Memory often = memory("often");
  often.use_count = 10;
  often.last_used = clock_.now() - std::chrono::hours(24 * 9);
  Memory lately = memory("lately");
  lately.use_count = 1;
  lately.last_used = clock_.now();
  Memory never = memory("never");
  never.last_used = clock_.now() - std::chrono::hours(24 * 300);
  const std::vector<Record> records = {often, lately, never};
  value_of(tenant_->write(records));
  ListRequest request;
  request.sort = ListSort::kDecay;
  request.order = ListOrder::kDescending;
  const auto texts = [&](std::uint32_t limit) {
    request.limit = limit;
    const MemoryPage page = value_of(tenant_->list(request));
    request.cursor = page.next_cursor;
    std::vector<std::string> listed;
    for (const MemoryView& view : page.memories) listed.emplace_back(view.text());
    return listed;
  };

  EXPECT_THAT(texts(3), ElementsAre("lately", "often", "never"));
  EXPECT_THAT(texts(1), ElementsAre("lately"));
  clock_.advance(std::chrono::hours(24 * 30));
  EXPECT_THAT(texts(1), ElementsAre("often"));
  EXPECT_THAT(texts(1), ElementsAre("never"));
  EXPECT_THAT(texts(3), ElementsAre("often", "lately", "never"));
}

TEST_F(Ordered, ACursorBelongsToItsOrder) {
  fill(83, 5);
  ListRequest request;
  request.limit = 2;
  const std::string cursor = value_of(tenant_->list(request)).next_cursor;
  request.sort = ListSort::kDecay;
  const std::string decay_cursor = value_of(tenant_->list(request)).next_cursor;
  for (const std::string& wrong :
       {cursor, std::string("x"), decay_cursor + "x",
        std::string("decay.asc._1_") + Uuid::random().to_string(),
        "decay.asc.9223372036854775807_1_" + Uuid::random().to_string(),
        "decay.asc.1_99999999999999999999_" + Uuid::random().to_string()}) {
    request.cursor = wrong;
    const auto page = tenant_->list(request);
    ASSERT_THAT(page, FailsWith(ErrorCode::kInvalidArgument)) << wrong;
    EXPECT_EQ(page.error().field, "cursor");
  }
  request.cursor = decay_cursor;
  EXPECT_THAT(tenant_->list(request), Succeeds());
  request.order = ListOrder::kDescending;
  EXPECT_THAT(tenant_->list(request), FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(Ordered, RecencyIsThatOfTheTimesAndThenTheIds) {
  fill(84, 300);
  std::vector<Memory> newest = sorted(ListSort::kCreated, ListOrder::kDescending);
  for (std::uint32_t k = 1; k < 300; k += 7) {
    SearchRequest request;
    request.k = k;
    if (k % 2 == 0) request.filter = tags_any({"odd"});
    const SearchResponse response = value_of(tenant_->search(request));
    std::vector<Uuid> expected;
    for (const Memory& memory : newest) {
      if (expected.size() < k && lets_through(request.filter, memory, "odd")) {
        expected.push_back(memory.id);
      }
    }
    ASSERT_EQ(ids_of(response), expected) << k;
    for (const SearchHit& hit : response.hits) {
      EXPECT_EQ(hit.time, hit.memory.created_at());
      EXPECT_THAT(to_json(hit), HasSubstr(R"("score":")" + format_time(*hit.time) + "\""));
    }
  }
}

TEST_F(Ordered, OtherSearchesHaveNoTime) {
  fill(85, 3);
  const SearchResponse response = value_of(tenant_->search(text_search("memory")));
  ASSERT_FALSE(response.hits.empty());
  EXPECT_FALSE(response.hits[0].time);
  EXPECT_THAT(to_json(response.hits[0]), HasSubstr("\"score\":0."));
}

TEST_F(Ordered, RecencyTakesNoBlend) {
  for (float RankingBlend::*weight :
       {&RankingBlend::decay, &RankingBlend::priority, &RankingBlend::recency}) {
    SearchRequest request;
    request.blend.*weight = 0.5F;
    const auto response = tenant_->search(request);
    ASSERT_THAT(response, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_THAT(response.error().message, HasSubstr("does not apply to recent mode"));
  }
}

}  // namespace
}  // namespace tulving
