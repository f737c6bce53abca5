// Wrong arguments end with exit code 2, a message on stderr, nothing on stdout and nothing written.
//
// The real binary is run. A wrong exit code, a message elsewhere, or a directory that came into
// being fails the test.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CliArguments : public Cli {
 protected:
  void expect_refused(const Arguments& arguments) {
    const Outcome outcome = run_bare(arguments);

    EXPECT_THAT(outcome, Failed(2)) << ::testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(db()));
  }
};

TEST_F(CliArguments, MissingOrUnknownOnesAreRefused) {
  expect_refused({"--db", db()});
  expect_refused({"--db", db(), "remember"});
  expect_refused({"--db", db(), "--bogus", "stats"});
  expect_refused({"--db", db(), "stats", "--bogus"});
  expect_refused({"stats"});
  expect_refused({"--db", db(), "get", "--tenant", "acme"});
  expect_refused({"--db", db(), "get", "--tenant", "acme", "a", "b"});
  expect_refused({"--db", db(), "get", "a"});
  expect_refused({"--db", db(), "search", "--text", "x"});
  expect_refused({"--db", db(), "bench"});
  expect_refused({"--db", db(), "session"});
  expect_refused({"--db", db(), "import"});
}

TEST_F(CliArguments, ValuesOfTheWrongTypeAreRefused) {
  const Arguments add = {"--db", db(), "add", "--tenant", "acme", "--text", "x"};
  const auto with = [&](const Arguments& more) {
    Arguments all = add;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_refused(with({"--priority", "high"}));
  expect_refused(with({"--metadata", "{"}));
  expect_refused(with({"--vector", "1,2,x"}));
  expect_refused(with({"--vector", "1,,2"}));
  expect_refused(with({"--on-duplicate", "perhaps"}));
  expect_refused(with({"--durability", "sometimes"}));
  expect_refused(with({"--layer", "deep"}));
  expect_refused(with({"--created-at", "yesterday"}));
  expect_refused(with({"--text-bytes-max", "many"}));
  expect_refused(with({"--json-record", "{\"text\":\"y\"}"}));  // The text is given twice.
  expect_refused(with({"--json-record", "[]"}));
  expect_refused(with({"stray"}));
  expect_refused({"--db", db(), "add", "--tenant", "acme", "--text", "\xFF\xFE"});
  expect_refused({"--db", db(), "add", "--tenant", "acme", "--json-record", "not json"});
  expect_refused({"--db", db(), "add", "--tenant", "acme", "--json-record",
                  R"({"kind":"session","session_id":"s"})"});
  expect_refused({"--db", db(), "add", "--tenant", "acme", "--json-record",
                  R"({"kind":"memory","tenant_id":"other","text":"x"})"});
}

TEST_F(CliArguments, AnEmptyValueIsNoMissingOne) {
  // `--tenant "$UNSET"` must not export every tenant.
  add("acme", "a", "tea");
  for (const Arguments& arguments :
       std::vector<Arguments>{{"export", "--tenant", ""},
                              {"export", "--vectors", ""},
                              {"list", "--tenant", "acme", "--filter", ""},
                              {"search", "--tenant", "acme", "--text", "tea", "--filter", ""},
                              {"search", "--tenant", "acme", "--text", "tea", "--vector", ""},
                              {"search", "--queries", ""},
                              {"import", "-", "--vectors", ""},
                              {"import", "-", "--tenant", ""},
                              {"update", "--tenant", "acme", "a", "--set", ""}}) {
    EXPECT_THAT(run(arguments), Failed(2)) << ::testing::PrintToString(arguments);
  }
}

TEST_F(CliArguments, CommandsThatAreNotThereYetAreNotOffered) {
  expect_refused({"--db", db(), "hydrate"});
}

TEST_F(CliArguments, GlobalOptionsStandBeforeOrBehindTheCommand) {
  add("acme", "a", "tea");

  const Outcome behind = run_bare({"get", "a", "--tenant", "acme", "--json", "--db", db()});
  const Outcome before = run_bare({"--json", "--db", db(), "get", "--tenant", "acme", "a"});

  EXPECT_EQ(behind.exit_code, 0) << behind.err;
  EXPECT_EQ(behind.out, before.out);
}

TEST_F(CliArguments, HelpAndVersionAreNoErrors) {
  const Outcome help = run_bare({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("snapshot"));
  EXPECT_THAT(help.err, IsEmpty());
  EXPECT_EQ(run_bare({"search", "--help"}).exit_code, 0);
  EXPECT_THAT(run_bare({"--version"}).out, StartsWith("tulving "));
}

TEST_F(CliArguments, ReadingNeverMakesAStore) {
  for (const Arguments& arguments :
       std::vector<Arguments>{{"get", "--tenant", "acme", "a"},
                              {"list", "--tenant", "acme"},
                              {"values", "--tenant", "acme", "tags"},
                              {"search", "--tenant", "acme", "--text", "x"},
                              {"history", "--tenant", "acme", "a"},
                              {"related", "--tenant", "acme", "a"},
                              {"session", "list", "--tenant", "acme"},
                              {"stats"},
                              {"verify"},
                              {"export"},
                              {"snapshot", path("out")},
                              {"update", "--tenant", "acme", "a", "--priority", "3"},
                              {"touch", "--tenant", "acme", "a"},
                              {"forget", "--tenant", "acme", "a"},
                              {"erase", "--tenant", "acme", "a"},
                              {"relate", "--tenant", "acme", "a", "b"}}) {
    const Outcome outcome = run(arguments);

    EXPECT_THAT(outcome, Failed(1)) << arguments[0];
    EXPECT_THAT(outcome.err, HasSubstr(db())) << "the message does not say which directory";
    EXPECT_FALSE(std::filesystem::exists(db())) << arguments[0];
  }
}

TEST_F(CliArguments, ADirectoryOfSomethingElseIsRefusedAndLeftAlone) {
  std::filesystem::create_directory(db());
  file("db/holiday.txt", "photos");

  for (const char* durability : {"process", "durable"}) {
    EXPECT_THAT(run({"--durability", durability, "add", "--tenant", "acme", "--text", "x"}),
                Failed(2));
  }
  EXPECT_NE(run({"stats"}).exit_code, 0);

  std::vector<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(db())) {
    there.push_back(entry.path().filename());
  }
  EXPECT_THAT(there, ::testing::ElementsAre("holiday.txt"));
}

TEST_F(CliArguments, AFullDiskBehindStdoutIsAFailure) {
  add("acme", "a", "tea");
  std::error_code error;
  if (!std::filesystem::exists("/dev/full", error)) GTEST_SKIP() << "no /dev/full here";

  EXPECT_THAT(run({"export", "/dev/full"}), Failed(1));
}

}  // namespace
}  // namespace tulving::testing
