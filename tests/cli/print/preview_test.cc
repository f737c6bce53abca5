// What a person sees before deciding: `consolidate --dry-run`, `plans show` and `tasks show` print
// the texts that go into a merge and the one that comes out; --json has the same.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliPreview : public Cli {
 protected:
  void SetUp() override {
    const std::string input =
        R"({"kind":"memory","tenant_id":"t","external_id":"five","text":"The meeting with Ana is at 5 pm.\nBring cake.","created_at":"2026-01-01T00:00:00Z","embedding":[1,0,0.01]}
{"kind":"memory","tenant_id":"t","external_id":"six","text":"The meeting with Ana is at 6 pm.","created_at":"2026-02-01T00:00:00Z","embedding":[1,0.01,0]}
{"kind":"memory","tenant_id":"t","external_id":"seven","text":"The meeting with Ana is at 7 pm.","created_at":"2026-03-01T00:00:00Z","embedding":[1,0.01,0.01]}
{"kind":"memory","tenant_id":"t","external_id":"pens","text":"The adrenaline pens are in the kitchen.","created_at":"2026-03-01T00:00:00Z","review_count":3,"embedding":[0,1,0]}
)";
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 4);
  }
  static Arguments consolidate(const Arguments& more) {
    Arguments arguments = {
        "consolidate",         "--tenant", "t", "--agents", "cluster,merge,promote", "--now",
        "2026-03-02T00:00:00Z"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static void expect_merge(const std::string& out) {
    for (const char* line : {"from      five  2026-01-01", "from      seven  2026-03-01", "becomes",
                             "conflict  The meeting with Ana is at 5 pm", "Bring cake.", "why"}) {
      EXPECT_THAT(out, HasSubstr(line));
    }
  }
};

TEST_F(CliPreview, ADryRunShowsTextsConflictsAndNotes) {
  const std::string before = exported();
  const Outcome people = run(consolidate({"--dry-run", "--vault", path("vault")}));

  EXPECT_EQ(people.exit_code, 0) << people.err;
  expect_merge(people.out);
  EXPECT_THAT(people.out, HasSubstr("note      "));
  EXPECT_EQ(exported(), before);
  EXPECT_FALSE(std::filesystem::exists(path("vault")));

  const Json document = json(consolidate({"--dry-run", "--vault", path("vault")}));
  ASSERT_EQ(document["preview"].size(), 3U) << "one memory cannot be merged and promoted at once";
  EXPECT_EQ(document["preview"][0]["inputs"].size(), 3U);
  EXPECT_THAT(std::string(document["preview"][0]["merged"]["text"]), HasSubstr("Bring cake."));
  EXPECT_EQ(document["preview"][0]["conflicts"].size(), 3U);
  EXPECT_THAT(std::string(document["preview"][2]["note_path"]), HasSubstr(".md"));
  EXPECT_THAT(std::string(document["preview"][1]["error"]), HasSubstr("changed by another"));
  EXPECT_EQ(document["merge"].size(), 1U) << "what stood there stays";
}

TEST_F(CliPreview, PlansShowTheSameAndTheLastOneNeedsNoId) {
  json(consolidate({"--propose"}));

  const Outcome people = run({"plans", "--tenant", "t", "show", "last"});

  expect_merge(people.out);
  const Json shown = json({"plans", "--tenant", "t", "show", "last"});
  EXPECT_EQ(shown["preview"][0]["inputs"].size(), 3U);
  EXPECT_THAT(run({"undo", "--tenant", "t", "last"}).err, HasSubstr("no applied plan"));
  EXPECT_EQ(json({"plans", "--tenant", "t", "apply", "last"})["status"], "applied");
  EXPECT_EQ(json({"undo", "--tenant", "t", "last"})["status"], "undone");
}

TEST_F(CliPreview, ATaskShowsWhatDoingItWouldMake) {
  const std::string input =
      R"({"kind":"memory","tenant_id":"u","external_id":"cake","text":"Ben likes plum cake.","embedding":[1,0,0]}
{"kind":"memory","tenant_id":"u","external_id":"bakes","text":"Ben bakes on Sundays.","embedding":[1,0.7,0]}
)";
  ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 2);
  json({"consolidate", "--tenant", "u", "--agents", "cluster"});
  const Json tasks = json({"tasks", "--tenant", "u", "--approval", "waiting"})["tasks"];
  ASSERT_EQ(tasks.size(), 1U);

  const Outcome people = run({"tasks", "--tenant", "u", "show", tasks[0]["task_id"]});

  EXPECT_THAT(people.out, HasSubstr("from      cake"));
  EXPECT_THAT(people.out, HasSubstr("becomes   Ben likes plum cake."));
}

}  // namespace
}  // namespace tulving::testing
