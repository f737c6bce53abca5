// sync refuses wrong arguments with exit code 2, and where it cannot reach the database it fails
// with 1 and leaves store and snapshot as they were. (What it writes is tested with the Postgres
// sync.)

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Port 1 of this machine: nothing listens there.
const char* const kNowhere = "postgresql://tulving@127.0.0.1:1/postgres?connect_timeout=3";

class CliSync : public Cli {
 protected:
  void SetUp() override { add("acme", "a", "tea", {"--vector", "1,0"}); }
};

TEST_F(CliSync, RefusesWrongArguments) {
  for (const Arguments& wrong : std::vector<Arguments>{
           {"sync"},
           {"sync", "--to", kNowhere},
           {"sync", "--schemas", "orchestrator"},
           {"sync", "--to", kNowhere, "--schemas", "orchestrator", "--snapshot", path("s")},
           {"sync", "--to", kNowhere, "--schemas", "orchestrator", "--tenant", "a",
            "--all-tenants"},
           {"sync", "--to", kNowhere, "--schemas", "orchestrator", "--namespace", "public"},
           {"sync", "--to", kNowhere, "--schemas", "orchestrator", "--namespace", "guild=public"},
           {"sync", "--to", kNowhere, "--schemas", "telepathy"}}) {
    const Outcome outcome = run(wrong);
    EXPECT_THAT(outcome, Failed(2)) << ::testing::PrintToString(wrong);
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  EXPECT_THAT(run_bare({"sync", "--to", kNowhere, "--schemas", "orchestrator"}), Failed(2));
}

TEST_F(CliSync, FailsWhereNoServerIs) {
  const std::string before = exported();
  ASSERT_EQ(run({"snapshot", path("snapshot")}).exit_code, 0);

  const Outcome live = run({"sync", "--to", kNowhere, "--schemas", "orchestrator"});
  const Outcome snapshot = run_bare(
      {"sync", "--snapshot", path("snapshot"), "--to", kNowhere, "--schemas", "orchestrator"});

  EXPECT_THAT(live, Failed(1));
  EXPECT_THAT(live.err, HasSubstr("127.0.0.1"));
  EXPECT_THAT(snapshot, Failed(1));
  EXPECT_EQ(exported(), before);
  EXPECT_THAT(run_bare({"sync", "--snapshot", path("nowhere"), "--to", kNowhere, "--schemas",
                        "orchestrator"}),
              Failed(1));
}

}  // namespace
}  // namespace tulving::testing
