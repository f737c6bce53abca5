// Three versions meet when a merge is derived anew: what its sources gave, what they give now, and
// what somebody made of it. Nothing of the three is mixed up.

#include "core/merging/rederive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tulving::merging {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Memory derived(const std::string& text, std::vector<std::string> tags = {}) {
  Memory memory;
  memory.id = Uuid::derive("t", "merge");
  memory.text = text;
  memory.summary = text;
  memory.tags = std::move(tags);
  memory.abstraction_level = 1;
  memory.consolidation_method = ConsolidationMethod::kHeuristic;
  return memory;
}

TEST(Rederived, IsWhatTheSourcesGiveWhereNobodyChangedIt) {
  const Memory before = derived("The code is 1.", {"a"});
  Memory now = derived("The code is 2.", {"b"});
  now.priority = 7;
  now.use_count = 3;
  now.goal = "Open the door.";

  EXPECT_EQ(rederived(before, &before, now), now);
}

TEST(Rederived, IsAsItIsWhereTheSourcesSayTheSame) {
  const Memory before = derived("The code is 1.", {"a"});
  Memory present = derived("It is 1, they say.", {"c"});
  present.consolidation_method = ConsolidationMethod::kLlm;
  present.summary = "A code.";
  present.metadata = R"({"mine": true})";
  present.status = MemoryStatus::kPromoted;
  present.ltm_path = "a.md";
  present.external_id = "code";
  present.strength = 2.0;

  EXPECT_EQ(rederived(present, &before, before), present);
}

TEST(Rederived, KeepsWhatWasAddedAndTakenAway) {
  const Memory before = derived("x", {"old", "kept", "unwanted"});
  Memory present = derived("x", {"old", "kept", "mine"});
  present.use_count = 4;
  const Memory now = derived("x", {"kept", "unwanted", "new"});

  const Memory after = rederived(present, &before, now);

  EXPECT_THAT(after.tags, ElementsAre("kept", "new", "mine"));
  EXPECT_EQ(after.use_count, 4);
}

TEST(Rederived, TakesTheSourcesContentWhereItsFormerStateIsUnknown) {
  Memory present = derived("The code is 1.", {"mine"});
  present.priority = 9;

  const Memory after = rederived(present, nullptr, derived("The code is 2."));

  EXPECT_EQ(after.text, "The code is 2.");
  EXPECT_EQ(after.priority, 9);
}

// Whatever random lists the three versions have, a value is there exactly when the sources' change
// and somebody's change, applied to what was, say so.
TEST(Rederived, AppliesBothChangesToRandomLists) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto some = [&] {
    std::vector<std::string> values;
    for (const char* value : {"a", "b", "c", "d", "e", "f"}) {
      if (random() % 2 == 0) values.emplace_back(value);
    }
    return values;
  };
  const auto has = [](const Memory& memory, const std::string& value) {
    return std::ranges::find(memory.tags, value) != memory.tags.end();
  };
  for (int i = 0; i < 2000; ++i) {
    const Memory before = derived("x", some()), present = derived("x", some()),
                 now = derived("x", some());
    const Memory after = rederived(present, &before, now);
    for (const char* value : {"a", "b", "c", "d", "e", "f"}) {
      const bool was = has(before, value);
      const bool is_wanted =
          was ? has(present, value) && has(now, value) : has(present, value) || has(now, value);
      ASSERT_EQ(has(after, value), is_wanted) << value;
    }
  }
}

TEST(AsDerived, IsWhatNobodyChanged) {
  Memory one = derived("The code is 1.", {"a"});
  EXPECT_TRUE(is_as_derived(one, one));
  Memory written = one;
  written.text = "One.";
  EXPECT_FALSE(is_as_derived(written, one));
  written.consolidation_method = ConsolidationMethod::kLlm;
  written.summary = "One.";
  EXPECT_TRUE(is_as_derived(written, one)) << "the text writer's own text";
  written.tags = {"b"};
  EXPECT_FALSE(is_as_derived(written, one));
}

TEST(WithoutSentences, TakesOutWhatOnlyTheGoneOneSaid) {
  Memory gone, other;
  gone.text = "My code is 1. It is cold.";
  other.text = "It  is cold.";

  EXPECT_EQ(without_sentences_of("It is cold.\nMy code is 1 (as of 2026-05-01).\nMine.", gone,
                                 std::span(&other, 1)),
            "It is cold.\nMine.");
  EXPECT_EQ(without_sentences_of("My code is 1.", gone, {}), "");
  EXPECT_EQ(without_sentences_of("My code is 11. my code is 1.", gone, {}),
            "My code is 11. my code is 1.");
}

TEST(TheLastSource, InheritsUsesAndTags) {
  Memory before = derived("x", {"a"}), merge = before, source;
  before.use_count = 5;
  source.use_count = 2;
  source.tags = {"a"};
  merge.use_count = 8;
  merge.tags = {"a", "mine"};

  inherit_from_merge(source, merge, &before);

  EXPECT_EQ(source.use_count, 5);
  EXPECT_THAT(source.tags, ElementsAre("a", "mine"));
  EXPECT_THAT(source.text, IsEmpty());
}

}  // namespace
}  // namespace tulving::merging
