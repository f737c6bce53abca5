// What a hydrate leaves when it is killed, its server goes or its disk is full: what the tenant has
// by then, and a further run brings the rest.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/postgres/hydrate_testing.h"
#include "tests/postgres/small_filesystem.h"

namespace tulving::testing {
namespace {

constexpr std::uint64_t kRows = 6000;

class HydrateFailures : public HydrateTest {
 protected:
  // Memories of a kilobyte, so that they do not lie in the socket's buffers all at once.
  void make_rows() {
    {
      Store live = open_store("live");
      value_of(value_of(live.tenant("acme")).put(session_of("s")));
      send(live, "cortex");
    }
    database().run(
        "INSERT INTO cortex.memories (memory_id, content, created_at, last_used) SELECT "
        "gen_random_uuid(), i || ' ' || repeat('x', 1000), now(), now() FROM generate_series(1, " +
        std::to_string(kRows) +
        ") i; INSERT INTO cortex.relations (relation_id, from_memory_id, to_memory_id, "
        "relation_type, created_at) SELECT gen_random_uuid(), memory_id, lead(memory_id) OVER "
        "(ORDER BY memory_id), 'x', now() FROM cortex.memories ORDER BY memory_id DESC OFFSET 1");
  }
  PostgresHydrateOptions options(std::function<void()> at_half) {
    return {.uri = database().uri(),
            .schema = "cortex",
            .tenant = "acme",
            .progress = [at_half = std::move(at_half)](std::uint64_t done, std::uint64_t total) {
              if (done * 2 >= total && done < total * 2 / 3) at_half();
            }};
  }
  void expect_completed(Store& store) {
    const std::uint64_t before = records_of(store).size();
    EXPECT_GT(before, 0U);
    EXPECT_LT(before, 2 * kRows - 1);

    const auto report = hydrate(store, "cortex", true);

    EXPECT_EQ(report.unchanged, before);
    EXPECT_EQ(records_of(store).size(), 2 * kRows - 1);
    const auto rows = rows_of("cortex");
    send(store, "cortex");
    EXPECT_EQ(rows_of("cortex"), rows);
  }
};

TEST_F(HydrateFailures, AKilledOneIsCompletedByTheNext) {
  make_rows();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Store store = open_store("killed");
    (void)hydrate_store(store, options([] { kill(getpid(), SIGKILL); }));
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));

  Store store = open_store("killed");
  expect_completed(store);
}

TEST_F(HydrateFailures, AServerThatGoesAwayIsSaidAndTheNextOneCompletes) {
  make_rows();
  Store store = open_store("cut");
  bool is_cut = false;

  const auto outcome = hydrate_store(
      store, options([&] {
        if (std::exchange(is_cut, true)) return;
        database().run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = "
            "'tulving' AND pid <> pg_backend_pid() AND datname = current_database()");
      }));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kIo);
  expect_completed(store);
}

TEST_F(HydrateFailures, AFullDiskIsSaidAndTheNextOneCompletes) {
  make_rows();
  SmallFilesystem disk(directory() / "full", 8);
  if (!disk.has_mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  {
    Store store = value_of(Store::open(disk.directory() / "store"));
    const auto outcome = hydrate_store(store, options([] {}));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kResourceExhausted) << outcome.error().message;
    EXPECT_THAT(outcome.error().message, ::testing::HasSubstr("No space left on device"));
  }
  disk.grow_to(200);

  Store store = value_of(Store::open(disk.directory() / "store"));
  expect_completed(store);
}

TEST_F(HydrateFailures, ARoleThatMayNotReadIsToldSoAndNothingIsWritten) {
  make_rows();
  const std::string role = "tulving_weak_" + std::to_string(::getpid());
  database().run("CREATE ROLE " + role + " LOGIN");
  Store store = open_store("weak");
  auto weak = options([] {});
  weak.uri += "?user=" + role;

  const auto without_schema = hydrate_store(store, weak);
  database().run("GRANT USAGE ON SCHEMA cortex TO " + role +
                 "; GRANT SELECT ON cortex.memories TO " + role);
  const auto without_table = hydrate_store(store, weak);
  database().run("DROP OWNED BY " + role + "; DROP ROLE " + role);

  for (const auto* outcome : {&without_schema, &without_table}) {
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().code, ErrorCode::kIo);
    EXPECT_THAT(outcome->error().message, ::testing::HasSubstr("permission denied"));
  }
  EXPECT_THAT(records_of(store), ::testing::IsEmpty());
}

TEST_F(HydrateFailures, SaysWhatIsNotThere) {
  Store fresh = open_store("fresh");
  EXPECT_EQ(try_hydrate(fresh, "cortex").error().code, ErrorCode::kNotFound);
  database().run("CREATE SCHEMA cortex");
  EXPECT_EQ(try_hydrate(fresh, "cortex").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(try_hydrate(fresh, "telepathy").error().field, "schema");
  EXPECT_EQ(try_hydrate(fresh, "cortex", false, "").error().field, "tenant");
}

}  // namespace
}  // namespace tulving::testing
