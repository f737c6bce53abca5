// decay, archive, recover and gc tell and do what the library does; thresholds come from
// --threshold and from the environment, and a wrong one stops every command before it opens the
// store.

#include <cstdlib>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliUpkeep : public Cli {
 protected:
  std::string status(const std::string& name) {
    return json({"get", "--tenant", "acme", name}).value("status", "active");
  }
  /// A memory last used at `time`.
  void add_used(const std::string& name, const std::string& time, const std::string& more = "") {
    const std::string line = R"({"kind":"memory","tenant_id":"acme","external_id":")" + name +
                             R"(","text":"memory )" + name + R"(","created_at":")" + time +
                             R"(","last_used":")" + time + "\"" + more + "}\n";
    ASSERT_EQ(json({"import", "-"}, 0, line)["imported"], 1);
  }
};

TEST_F(CliUpkeep, DecayListsTheMostUrgentFirst) {
  add_used("old", "2026-01-01");
  add_used("new", "2026-03-01");
  add_used("between", "2026-02-20");

  const Json all = json({"decay", "--tenant", "acme", "--at", "2026-03-02"});

  EXPECT_EQ(all["at"], "2026-03-02T00:00:00Z");
  EXPECT_THAT(names(all["memories"]), ElementsAre("old", "between", "new"));
  EXPECT_EQ(all["matching"], 3);
  EXPECT_EQ(all["counts"]["memories"], 3);
  EXPECT_EQ(all["counts"]["urgent"], 1);
  EXPECT_LT(all["memories"][0]["score"], 0.10);
  const Json some = json({"decay", "--tenant", "acme", "--at", "2026-03-02", "--below", "0.35",
                          "--at-least", "0.1", "--limit", "5"});
  EXPECT_THAT(names(some["memories"]), ElementsAre("between"));
  EXPECT_THAT(
      run({"decay", "--tenant", "acme", "--at", "2026-03-02"}).out,
      HasSubstr("3 of 3 matching; of 3 visible memories 1 are urgent, 0 near it and 1 in danger"));
}

TEST_F(CliUpkeep, DecayOfOneTellsHowLongItHas) {
  add_used("a", "2026-03-01");

  // Half after three days: 0.5 ^ (1 / 1.1) of the way by t0, see the formula.
  const Json now = json({"decay", "--tenant", "acme", "a", "--at", "2026-03-04"});

  EXPECT_NEAR(now["score"].get<double>(), 0.5, 1e-9);
  EXPECT_GT(now["seconds_until_danger"], 0);
  EXPECT_GT(now["seconds_until_near_forget"], now["seconds_until_danger"]);
  EXPECT_GT(now["seconds_until_forget"], now["seconds_until_near_forget"]);
  const Json later = json({"decay", "--tenant", "acme", "a", "--at", "2027-01-01"});
  EXPECT_EQ(later["seconds_until_forget"], 0);
  const Json never = json({"--threshold", "forget=0", "decay", "--tenant", "acme", "a"});
  EXPECT_EQ(never["seconds_until_forget"], nullptr);
  EXPECT_THAT(run({"decay", "--tenant", "acme", "a", "--at", "2027-01-01"}).out,
              HasSubstr("already"));
}

TEST_F(CliUpkeep, DecayRefusesWhatMakesNoSense) {
  add_used("a", "2026-03-01");

  for (const Arguments& more :
       {Arguments{"--below", "2"}, Arguments{"--below", "nan"}, Arguments{"--at", "soon"},
        Arguments{"--limit", "0"}, Arguments{"a", "--below", "0.5"}, Arguments{"--at", ""}}) {
    Arguments arguments = {"decay", "--tenant", "acme"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_THAT(run(arguments), Failed(2)) << more.back();
  }
  EXPECT_THAT(run({"decay", "--tenant", "acme", "nobody"}), Failed(1));
}

TEST_F(CliUpkeep, ArchivedMemoriesComeBack) {
  add("acme", "a", "tea");

  EXPECT_EQ(json({"archive", "--tenant", "acme", "a"})["archived"].size(), 1U);
  EXPECT_EQ(status("a"), "archived");
  EXPECT_EQ(json({"list", "--tenant", "acme"})["matching"], 0);
  EXPECT_THAT(run({"touch", "--tenant", "acme", "a"}), Failed(1));
  EXPECT_EQ(run({"recover", "--tenant", "acme", "a"}).out, "recovered 1\n");
  EXPECT_EQ(status("a"), "active");

  const Outcome refused = run({"recover", "--tenant", "acme", "a"});
  EXPECT_THAT(refused, Failed(1));
  EXPECT_THAT(refused.err, HasSubstr("recover is refused"));
  EXPECT_THAT(run({"archive", "--tenant", "acme", "nobody"}), Failed(1));
}

TEST_F(CliUpkeep, GcDeletesWhatIsPastRecovery) {
  const std::string archived = R"(,"status":"archived","archived_at":"2026-01-01")";
  add_used("a", "2026-01-01", archived);
  add_used("b", "2026-01-01", archived + R"(,"is_critical":true)");
  const std::string before = exported();

  const Json early = json({"gc", "--now", "2026-01-30T23:59:59Z"});
  EXPECT_EQ(early["deleted"], Json::array());
  EXPECT_EQ(early["kept"].size(), 2U);
  const Json dry = json({"gc", "--dry-run", "--now", "2026-01-31"});
  EXPECT_EQ(dry["deleted"].size(), 1U);
  EXPECT_EQ(exported(), before);
  const Json done = json({"gc", "--tenant", "acme", "--now", "2026-01-31"});

  EXPECT_EQ(done["deleted"], dry["deleted"]);
  EXPECT_EQ(done["deleted"][0]["reason"], "archived");
  EXPECT_EQ(done["deleted"][0]["since"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(done["kept"][0]["reason"], "critical");
  EXPECT_EQ(status("a"), "deleted");
  EXPECT_EQ(status("b"), "archived");
  EXPECT_THAT(run({"gc"}).out, HasSubstr("0 deleted, 1 stay"));
  EXPECT_THAT(run({"gc", "--now", "soon"}), Failed(2));
  EXPECT_THAT(run({"gc", "--limit", "0"}), Failed(2));
}

TEST_F(CliUpkeep, GcOfOneTenantLeavesTheOther) {
  add_used("a", "2026-01-01", R"(,"status":"archived")");
  const std::string before = exported();

  EXPECT_EQ(json({"gc", "--tenant", "other", "--now", "2027-01-01"})["deleted"], Json::array());

  EXPECT_EQ(exported(), before);
}

TEST_F(CliUpkeep, ThresholdsAreSetByOptionAndEnvironment) {
  add_used("a", "2026-03-01");
  const Arguments counts = {"decay", "--tenant", "acme", "--at", "2026-03-04"};
  const auto with = [&](const Arguments& more) {
    Arguments arguments = counts;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  EXPECT_EQ(json(counts)["counts"]["in_danger"], 0);
  EXPECT_EQ(json(with({"--threshold", "danger_zone_max=0.6"}))["counts"]["in_danger"], 1);
  EXPECT_EQ(json(with({"--threshold", "promote=0.45", "--threshold",
                       "danger_zone_max=0.4"}))["counts"]["lasting"],
            1);

  // The memory's score is 0.5: the lower threshold of the danger zone divides what is in danger.
  const Json lower =
      json(with({"--threshold", "danger_zone_max=0.6", "--threshold", "danger_zone_min=0.55"}));
  EXPECT_EQ(lower["counts"]["near_forget"], 1);
  EXPECT_EQ(lower["counts"]["in_danger"], 0);
  EXPECT_THAT(
      run(with({"--threshold", "danger_zone_max=0.6", "--threshold", "danger_zone_min=0.55"})).out,
      HasSubstr("0 are urgent, 1 near it and 0 in danger"));

  ::setenv("CORTEXGRAPH_DANGER_ZONE_MAX", "0.6", 1);
  const Json by_environment = json(counts);
  ::setenv("CORTEXGRAPH_DANGER_ZONE_MAX", "0.5x", 1);
  const Outcome refused = run({"stats"});
  ::unsetenv("CORTEXGRAPH_DANGER_ZONE_MAX");

  EXPECT_EQ(by_environment["counts"]["in_danger"], 1);
  EXPECT_THAT(refused, Failed(2));
  EXPECT_THAT(refused.err, HasSubstr("CORTEXGRAPH_DANGER_ZONE_MAX"));
  EXPECT_THAT(refused.out, IsEmpty());
  for (const char* wrong : {"forget", "forget=", "forget=0.2", "fear=0.2", "=0.2", "forget=nan"}) {
    EXPECT_THAT(run({"--threshold", wrong, "stats"}), Failed(2)) << wrong;
  }
}

}  // namespace
}  // namespace tulving::testing
