// The circle through a server by the command line alone: sync, what is there compared with
// --verify, hydrate into another store, which takes the rows over.

#include "tests/cli/cli.h"
#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliSyncServer : public Cli {
 protected:
  void SetUp() override {
    const char* const server = std::getenv("TULVING_TEST_POSTGRES");
    if (server == nullptr) GTEST_SKIP() << "TULVING_TEST_POSTGRES is not set";
    database_.emplace(server);
    add("acme", "a", "tea in May", {"--vector", "1,0", "--created-at", "2026-05-06T07:08:09Z"});
    add("acme", "b", "coffee in June", {"--vector", "0,1", "--created-at", "2026-06-07T08:09:10Z"});
  }
  [[nodiscard]] Arguments sync(const Arguments& more = {}) const {
    Arguments words = {"sync",     "--to", database_->uri(), "--schemas", "orchestrator",
                       "--tenant", "acme"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::optional<TestDatabase> database_;
};

TEST_F(CliSyncServer, PartitionsAreMadeByTheSpanThatIsNamed) {
  ASSERT_EQ(run(sync({"--partitions", "quarter"})).exit_code, 0);

  EXPECT_THAT(database_->lines("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = "
                               "i.inhrelid WHERE i.inhparent = "
                               "'orchestrator.memory_entries'::regclass ORDER BY 1"),
              ElementsAre("memory_entries_2026_q2"));
  EXPECT_THAT(run(sync({"--partitions", "year"})), Failed(2));
}

TEST_F(CliSyncServer, AComparisonEndsWithOneWhereRowsDiffer) {
  ASSERT_EQ(run(sync()).exit_code, 0);
  const Outcome same = run(sync({"--verify"}));
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
  database_->run("UPDATE orchestrator.memory_entries SET priority = 9");

  const Outcome different = run(sync({"--verify"}));
  const Json document = json(sync({"--verify"}), 1);

  EXPECT_EQ(different.exit_code, 1);
  EXPECT_THAT(different.out, HasSubstr("memory_entries"));
  EXPECT_EQ(document["reports"][0]["updated"]["memory_entries"], 2);
  EXPECT_EQ(database_->value("SELECT sum(priority) FROM orchestrator.memory_entries"), "18");
  ASSERT_EQ(run(sync()).exit_code, 0);  // Nothing new: the rows are not looked at.
  EXPECT_EQ(run(sync({"--verify"})).exit_code, 1);
}

TEST_F(CliSyncServer, AStoreIsMadeAgainFromItsRowsAndTakesThemOver) {
  ASSERT_EQ(run(sync()).exit_code, 0);
  const Json before = json({"list", "--tenant", "acme"});
  std::filesystem::rename(db(), path("lost"));

  const Json report = json({"hydrate", "--from", database_->uri(), "--schema", "orchestrator",
                            "--tenant", "acme", "--take-over"});

  EXPECT_EQ(report["rows"]["memory_entries"], 2);
  EXPECT_EQ(report["taken_over"]["memory_entries"], 2);
  EXPECT_THAT(report["refused"], IsEmpty());
  EXPECT_EQ(names(json({"list", "--tenant", "acme"})["memories"]), names(before["memories"]));
  const Json next = json(sync());
  EXPECT_THAT(next["reports"][0]["updated"], IsEmpty());
  EXPECT_GT(next["reports"][0]["from_revision"], 0);
  EXPECT_EQ(run(sync({"--verify"})).exit_code, 0);

  const Outcome again =
      run({"hydrate", "--from", database_->uri(), "--schema", "orchestrator", "--tenant", "acme"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("2 records were there already"));
  EXPECT_THAT(run({"hydrate", "--from", database_->uri(), "--schema", "guild", "--tenant", "t"}),
              Failed(1));
}

}  // namespace
}  // namespace tulving::testing
