// What goes in is what import says went in: it can be repeated, it can be cut short, and with
// --strict it is all or nothing.
//
// The store's contents are read back by export and get after each import, in a process of their
// own.

#include <csignal>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string memory_line(const std::string& name, const std::string& text,
                        const std::string& more = "") {
  return R"({"kind":"memory","tenant_id":"acme","external_id":")" + name + R"(","text":")" + text +
         R"(","created_at":"2026-03-01T09:30:00Z")" + more + "}\n";
}

const char* const kThree =
    R"({"kind":"session","tenant_id":"acme","session_id":"s1","created_at":"2026-03-01T09:00:00Z"}
{"kind":"memory","tenant_id":"acme","external_id":"a","session_id":"s1","text":"tea","embedding":[1,0]}
{"kind":"relation","tenant_id":"acme","source_id":"a","target_id":"b"}
{"kind":"memory","tenant_id":"other","external_id":"b","text":"coffee"}
)";

class CliImport : public Cli {};

TEST_F(CliImport, TakesInEachKindAndSaysSo) {
  const std::string input = file(
      "in.jsonl", memory_line("a", "tea") + memory_line("b", "coffee") +
                      R"({"kind":"session","tenant_id":"acme","session_id":"s"})"
                      "\n"
                      R"({"kind":"relation","tenant_id":"acme","source_id":"a","target_id":"b"})"
                      "\n");

  const Json summary = json({"import", input});

  EXPECT_EQ(counts(summary), (Json{4, 0, 0, 0}));
  EXPECT_EQ(summary["errors"], Json::array());
  EXPECT_EQ(json({"get", "--tenant", "acme", "a"})["text"], "tea");
  EXPECT_EQ(json({"session", "get", "--tenant", "acme", "s"})["session_id"], "s");
  EXPECT_EQ(json({"related", "--tenant", "acme", "a"})["related"].size(), 1U);
}

TEST_F(CliImport, IsRepeatable) {
  const std::string input = file("in.jsonl", kThree);
  const Json first = json({"import", input}, 2);  // The relation's target is another tenant's.
  const std::string before = exported();

  const Json second = json({"import", input}, 2);

  EXPECT_EQ(counts(first), (Json{3, 0, 0, 1}));
  EXPECT_EQ(counts(second), (Json{0, 3, 0, 1}));
  EXPECT_EQ(exported(), before);
}

TEST_F(CliImport, UpdatesWhatDiffersAndKeepsItsHistory) {
  json({"import", "-"}, 0, memory_line("a", "tea") + memory_line("b", "coffee"));

  const Json summary =
      json({"import", "-"}, 0, memory_line("a", "green tea") + memory_line("b", "coffee"));

  EXPECT_EQ(counts(summary), (Json{0, 1, 1, 0}));
  EXPECT_EQ(json({"get", "--tenant", "acme", "a"})["text"], "green tea");
  const Json history = json({"history", "--tenant", "acme", "a"})["history"];
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0]["memory"]["text"], "tea");
}

TEST_F(CliImport, PeopleSeeTheSameCountsAndErrors) {
  const Outcome outcome =
      run({"import", "-"}, memory_line("a", "tea") + memory_line("b", "x", R"(,"priority":11)"));

  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "imported 1, unchanged 0, updated 0, rejected 1\n");
  EXPECT_THAT(outcome.err, HasSubstr("tulving: line 2: "));
  EXPECT_THAT(outcome.err, HasSubstr("priority"));
}

TEST_F(CliImport, OneBadLineAmongManyCostsItselfAlone) {
  std::string input;
  for (int i = 1; i <= 1000; ++i) {
    input += memory_line("m" + std::to_string(i), "text " + std::to_string(i),
                         i == 517 ? R"(,"priority":0)" : "");
  }

  const Json summary = json({"import", "-"}, 2, input);

  EXPECT_EQ(counts(summary), (Json{999, 0, 0, 1}));
  EXPECT_EQ(summary["errors"][0]["line"], 517);
  EXPECT_EQ(json({"list", "--tenant", "acme", "--limit", "1"})["matching"], 999);
}

TEST_F(CliImport, StrictTakesInAllOfASoundFile) {
  const std::string input =
      memory_line("a", "tea") + memory_line("b", "coffee") +
      R"({"kind":"relation","tenant_id":"acme","source_id":"a","target_id":"b"})";

  EXPECT_EQ(counts(json({"import", "--strict", "-"}, 0, input)), (Json{3, 0, 0, 0}));
  EXPECT_EQ(json({"related", "--tenant", "acme", "b"})["related"].size(), 1U);
}

TEST_F(CliImport, StrictTakesInNothingWhenALineIsBad) {
  const std::string input =
      memory_line("a", "tea") + memory_line("b", "x", R"(,"priority":11)") + "no json\n" +
      R"({"kind":"relation","tenant_id":"acme","source_id":"a","target_id":"c"})"
      "\n" +
      memory_line("d", "cocoa");

  const Json summary = json({"import", "--strict", "-"}, 2, input);

  EXPECT_EQ(counts(summary), (Json{0, 0, 0, 3}));
  std::vector<int> lines;
  for (const Json& error : summary["errors"]) lines.push_back(error["line"]);
  EXPECT_THAT(lines, ElementsAre(2, 3, 4));
  EXPECT_EQ(summary["errors"][0]["field"], "priority");
  EXPECT_FALSE(std::filesystem::exists(db()));
}

TEST_F(CliImport, StrictLeavesAStoreThatIsThereAsItWas) {
  add("acme", "a", "tea");
  const std::string before = exported();

  const std::string two_tenants =
      memory_line("b", "x") + R"({"kind":"memory","tenant_id":"other","text":"y","priority":11})";
  EXPECT_EQ(counts(json({"import", "--strict", "-"}, 2, two_tenants)), (Json{0, 0, 0, 1}));

  EXPECT_EQ(exported(), before);
}

TEST_F(CliImport, StrictSeesADimensionThatTwoTenantsDisagreeOn) {
  const Json summary = json({"import", "--strict", "-"}, 2,
                            R"({"kind":"memory","tenant_id":"a","text":"x","embedding":[1,0]})"
                            "\n"
                            R"({"kind":"memory","tenant_id":"b","text":"x","embedding":[1,0,0]})");

  EXPECT_EQ(summary["errors"][0]["line"], 2);
  EXPECT_FALSE(std::filesystem::exists(db()));
}

TEST_F(CliImport, WhatWasErasedStaysAwayUnlessToldOtherwise) {
  const std::string line = memory_line("a", "a secret");
  json({"import", "-"}, 0, line);
  json({"erase", "--tenant", "acme", "a"});

  EXPECT_EQ(counts(json({"import", "-"}, 2, line)), (Json{0, 0, 0, 1}));
  EXPECT_THAT(run({"get", "--tenant", "acme", "a"}), Failed(1));
  EXPECT_EQ(counts(json({"import", "--allow-erased", "-"}, 0, line)), (Json{1, 0, 0, 0}));
  EXPECT_EQ(json({"get", "--tenant", "acme", "a"})["text"], "a secret");
}

TEST_F(CliImport, AcknowledgesEachLineThatIsIn) {
  const Outcome outcome = run({"import", "--ack", "-"}, memory_line("a", "tea") + "\n" + "bad\n" +
                                                            memory_line("b", "coffee"));

  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "1\n4\nimported 2, unchanged 0, updated 0, rejected 1\n");
}

TEST_F(CliImport, AnInterruptEndsItBetweenTwoLines) {
  Running import = start({"--db", db(), "--json", "import", "--ack", "-"});
  write_text(import, memory_line("a", "tea") + memory_line("b", "coffee"));
  ASSERT_EQ(read_line(import), "1");
  ASSERT_EQ(read_line(import), "2");  // Both are in, and it waits for more.

  kill(import.pid, SIGINT);

  const Json summary = Json::parse(read_line(import), nullptr, false);
  EXPECT_EQ(wait_for(import), 130);
  ASSERT_TRUE(summary.is_object());
  EXPECT_EQ(counts(summary), (Json{2, 0, 0, 0}));
  EXPECT_EQ(json({"list", "--tenant", "acme"})["matching"], 2);
}

TEST_F(CliImport, AKilledOneIsSimplyRunAgain) {
  std::string input;
  for (int i = 1; i <= 200; ++i)
    input += memory_line("m" + std::to_string(i), "text " + std::to_string(i));
  const std::string all = file("all.jsonl", input);
  Running import = start({"--db", db(), "import", "--ack", all});
  int acknowledged = 0;
  while (acknowledged < 50) acknowledged = std::stoi(read_line(import));

  kill(import.pid, SIGKILL);
  EXPECT_EQ(wait_for(import), 128 + SIGKILL);

  const Json summary = json({"import", all});
  EXPECT_GE(summary["unchanged"], acknowledged);
  EXPECT_EQ(summary["unchanged"].get<int>() + summary["imported"].get<int>(), 200);
  EXPECT_EQ(json({"list", "--tenant", "acme", "--limit", "1"})["matching"], 200);
}

TEST_F(CliImport, AFileThatIsNotThereMakesNoStore) {
  EXPECT_THAT(run({"import", path("nowhere.jsonl")}), Failed(1));
  EXPECT_THAT(run({"import", directory_.string()}), Failed(1));
  EXPECT_FALSE(std::filesystem::exists(path("db/CURRENT")));
}

TEST_F(CliImport, EachDurabilityKeepsWhatItTookIn) {
  for (const std::string durability : {"durable", "process", "none"}) {
    json({"--durability", durability, "import", "-"}, 0, memory_line(durability, durability));
  }

  EXPECT_THAT(names(json({"list", "--tenant", "acme"})["memories"]),
              ::testing::UnorderedElementsAre("durable", "process", "none"));
}

}  // namespace
}  // namespace tulving::testing
