// get, list, history, relate and related show what is there, to people and to programs.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliRead : public Cli {
 protected:
  void fill() {
    std::string input;
    for (int i = 1; i <= 25; ++i) {
      const std::string number = std::to_string(i);
      input += R"({"kind":"memory","tenant_id":"acme","external_id":"m)" + number +
               R"(","text":"memory )" + number + R"(","priority":)" + std::to_string(1 + i % 10) +
               R"(,"tags":[")" + (i % 2 == 0 ? "even" : "odd") +
               R"("],"created_at":"2026-03-01T09:00:)" + (i < 10 ? "0" : "") + number + "Z\"}\n";
    }
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 25);
  }
};

TEST_F(CliRead, GetShowsOneMemoryByEitherName) {
  const std::string id = add("acme", "a", "tea\nat five", {"--tag", "work"});

  EXPECT_EQ(json({"get", "--tenant", "acme", "a"}), json({"get", "--tenant", "acme", id}));
  const Outcome text = run({"get", "--tenant", "acme", "a"});
  EXPECT_THAT(text.out, HasSubstr(id));
  EXPECT_THAT(text.out, HasSubstr("work"));
  const Outcome missing = run({"get", "--tenant", "acme", "nobody"});
  EXPECT_THAT(missing, Failed(1));
  EXPECT_THAT(missing.err, HasSubstr("nobody"));
  EXPECT_THAT(missing.out, IsEmpty());
}

TEST_F(CliRead, ListPagesThroughEachMemoryOnce) {
  fill();
  std::vector<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const Json page = json({"list", "--tenant", "acme", "--limit", "10", "--cursor", cursor});
    EXPECT_EQ(page["matching"], 25);
    for (const std::string& name : names(page["memories"])) seen.push_back(name);
    cursor = page["next_cursor"];
  } while (!cursor.empty() && ++pages < 10);

  ASSERT_EQ(seen.size(), 25U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], "m" + std::to_string(i + 1));
}

TEST_F(CliRead, ListFiltersAndCounts) {
  fill();

  const Json page = json({"list", "--tenant", "acme", "--filter",
                          R"({"and":[{"tags":{"any":["even"]}},{"priority":{"gte":8}}]})"});

  EXPECT_THAT(names(page["memories"]), ElementsAre("m8", "m18"));
  EXPECT_EQ(page["matching"], 2);
  const Outcome text = run({"list", "--tenant", "acme", "--limit", "2"});
  EXPECT_THAT(text.out, HasSubstr("memory 1"));
  EXPECT_THAT(text.out, HasSubstr("2 of 25 matching"));
  EXPECT_THAT(text.out, HasSubstr("--cursor"));
}

TEST_F(CliRead, ValuesAreCounted) {
  fill();

  const Json page = json({"values", "--tenant", "acme", "tags", "--order", "count", "--limit", "1",
                          "--filter", R"({"priority":{"gte":2}})"});

  EXPECT_EQ(page["field"], "tags");
  EXPECT_EQ(page["values"].size(), 1U);
  EXPECT_GT(page["distinct"], 1);
  const Outcome text = run({"values", "--tenant", "acme", "tags"});
  EXPECT_THAT(text.out, HasSubstr("even"));
  EXPECT_THAT(text.out, HasSubstr("values, 25 memories matching"));
  EXPECT_THAT(run({"values", "--tenant", "acme", "colour"}), Failed(2));
  EXPECT_THAT(run({"values", "--tenant", "acme", "tags", "--order", "size"}), Failed(2));
  EXPECT_THAT(run({"values", "--tenant", "acme", "tags", "--limit", "0"}), Failed(2));
}

TEST_F(CliRead, ListRefusesWhatItCannotDo) {
  fill();
  for (const Arguments& wrong : std::vector<Arguments>{{"--filter", "{"},
                                                       {"--filter", R"({"colour":"red"})"},
                                                       {"--filter", R"({"layer":"deep"})"},
                                                       {"--limit", "0"},
                                                       {"--limit", "10001"},
                                                       {"--limit", "-1"},
                                                       {"--cursor", "nonsense"}}) {
    Arguments arguments = {"list", "--tenant", "acme"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_THAT(run(arguments), Failed(2)) << wrong[1];
  }
}

TEST_F(CliRead, HistoryTellsEachVersion) {
  add("acme", "a", "tea");
  json({"update", "--tenant", "acme", "a", "--text", "green tea"});
  json({"forget", "--tenant", "acme", "a"});

  const Json history = json({"history", "--tenant", "acme", "a"})["history"];

  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0]["operation"], "add");
  EXPECT_EQ(history[0]["memory"]["text"], "tea");
  EXPECT_EQ(history[1]["operation"], "update");
  EXPECT_EQ(history[1]["memory"]["text"], "green tea");
  EXPECT_EQ(history[2]["operation"], "forget");
  EXPECT_LT(history[0]["revision"], history[2]["revision"]);
  EXPECT_THAT(run({"history", "--tenant", "acme", "a"}).out, HasSubstr("green tea"));
}

TEST_F(CliRead, RelatedFollowsLinks) {
  for (const char* name : {"a", "b", "c"}) add("acme", name, std::string("memory ") + name);
  const Json relation =
      json({"relate", "--tenant", "acme", "a", "b", "--type", "causes", "--strength", "0.5",
            "--confidence", "0.25", "--metadata", R"({"why":"x"})"});
  EXPECT_EQ(relation["relation_type"], "causes");
  EXPECT_EQ(relation["strength"], 0.5);
  EXPECT_EQ(relation["confidence"], 0.25);
  run({"relate", "--tenant", "acme", "b", "c"});

  const Json near = json({"related", "--tenant", "acme", "a"})["related"];
  const Json far = json({"related", "--tenant", "acme", "a", "--hops", "2"})["related"];
  const Json causes =
      json({"related", "--tenant", "acme", "b", "--types", "causes,other"})["related"];

  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0]["memory"]["external_id"], "b");
  ASSERT_EQ(far.size(), 2U);
  EXPECT_EQ(far[1]["hops"], 2);
  EXPECT_EQ(far[1]["memory"]["external_id"], "c");
  ASSERT_EQ(causes.size(), 1U);
  EXPECT_EQ(causes[0]["memory"]["external_id"], "a");
  EXPECT_EQ(json({"related", "--tenant", "acme", "a", "--direction", "in"})["related"],
            Json::array());
  EXPECT_THAT(run({"related", "--tenant", "acme", "a"}).out, HasSubstr("memory b"));
}

TEST_F(CliRead, RelateCanBeUndone) {
  add("acme", "a", "tea");
  add("acme", "b", "coffee");
  run({"relate", "--tenant", "acme", "a", "b"});

  EXPECT_TRUE(json({"relate", "--tenant", "acme", "a", "b", "--remove"}).contains("removed"));

  EXPECT_EQ(json({"related", "--tenant", "acme", "a"})["related"], Json::array());
  EXPECT_THAT(run({"relate", "--tenant", "acme", "a", "b", "--remove"}), Failed(1));
}

TEST_F(CliRead, RelateRefusesNothingItselfAndNonsense) {
  add("acme", "a", "tea");
  add("acme", "b", "coffee");
  const std::string before = exported();

  EXPECT_THAT(run({"relate", "--tenant", "acme", "a", "nobody"}), Failed(1));
  EXPECT_THAT(run({"relate", "--tenant", "acme", "a", "a"}), Failed(2));
  EXPECT_THAT(run({"relate", "--tenant", "acme", "a", "b", "--strength", "2"}), Failed(2));
  EXPECT_THAT(run({"relate", "--tenant", "acme", "a", "b", "--type", ""}), Failed(2));
  EXPECT_THAT(run({"relate", "--tenant", "acme", "a", "b", "--metadata", "[]"}), Failed(2));
  EXPECT_THAT(run({"related", "--tenant", "acme", "a", "--hops", "9"}), Failed(2));
  EXPECT_THAT(run({"related", "--tenant", "acme", "a", "--direction", "up"}), Failed(2));

  EXPECT_EQ(exported(), before);
}

}  // namespace
}  // namespace tulving::testing
