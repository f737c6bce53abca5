// What a sync promises where something fails: the database is as it was before, a message says what
// and where and never the password, and running it again brings everything.

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <random>
#include <thread>

#include "tests/postgres/postgres_testing.h"
#include "tests/postgres/small_filesystem.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SyncFailures : public PostgresTest {
 protected:
  void fill(int from, int to) {
    for (int i = from; i < to; ++i) {
      auto memory = memory_of("text " + std::to_string(i));
      memory.tags = {"tag"};
      memory.embeddings = {{"default", {1.0F, static_cast<float>(i)}}};
      store().put_memory("acme", memory);
    }
  }
  /// Ends the syncing backend at the given call of `progress`.
  PostgresSyncOptions killed_at(int call) {
    PostgresSyncOptions options;
    options.progress = [this, call, calls = 0](std::uint64_t, std::uint64_t) mutable {
      if (++calls != call) return;
      database().run(
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
          "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    };
    return options;
  }
};

// Needs no server.
TEST(SyncUnreachable, NamesHostAndPortAndNotThePassword) {
  StoreWriter store;
  PostgresSyncOptions options;
  options.uri = "postgresql://tim:hunter2@127.0.0.1:1/memories";

  const auto refused = sync_snapshot(store.snapshot(), options);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("refused"), Not(HasSubstr("hunter2"))));
  EXPECT_EQ(synced_revision(store.store_id(), "orchestrator", options).error().code,
            ErrorCode::kIo);
}

TEST(SyncUnreachable, AnAddressThatIsNoneIsRefusedWithoutRepeatingIt) {
  StoreWriter store;
  for (const std::string uri :
       {"postgresql://tim:hunter2@[::1/db", "postgresql://tim:hun@ter2@host/db", "hunter2", "",
        "postgresql://tim:hunter2@host:port:port/db?what"}) {
    PostgresSyncOptions options;
    options.uri = uri;

    const auto refused = sync_snapshot(store.snapshot(), options);

    ASSERT_FALSE(refused) << uri;
    EXPECT_THAT(refused.error().message, Not(HasSubstr("ter2"))) << uri;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << uri;
  }
}

TEST(SyncOptions, ThatMakeNoSenseAreRefused) {
  StoreWriter store;
  const auto snapshot = store.snapshot();
  const auto refuses = [&](auto change, const std::string& what) {
    PostgresSyncOptions options;
    options.uri = "postgresql://127.0.0.1:1/x";
    change(options);
    const auto refused = sync_snapshot(snapshot, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr(what));
  };

  refuses([](auto& options) { options.projections = {"guilt"}; }, "there are: orchestrator");
  refuses([](auto& options) { options.projections = {}; }, "no projection");
  refuses(
      [](auto& options) {
        options.projections = {"orchestrator", "orchestrator"};
      },
      "two projections");
  refuses(
      [](auto& options) {
        options.tenant = "a";
        options.all_tenants = true;
      },
      "exclude");
  refuses([](auto& options) { options.namespaces = {{"guild", "x"}}; }, "guild");
  for (const std::string name : {"", "pg_x", "tulving", "information_schema"}) {
    refuses(
        [&](auto& options) {
          options.namespaces = {{"orchestrator", name}};
        },
        "cannot be a target schema");
  }
  refuses(
      [](auto& options) {
        options.namespaces = {{"orchestrator", std::string(64, 'x')}};
      },
      "63 bytes");
}

TEST_F(SyncFailures, ABackendThatDiesAtAnyPointLeavesTheDatabaseAsItWas) {
  fill(0, 20);
  sync(store().snapshot());
  fill(20, 40);
  const auto snapshot = store().snapshot();
  const auto before = stamps();
  int deaths = 0;

  // One call a table and more; from the call on that never comes, the sync succeeds.
  for (int call = 1;; ++call) {
    const auto outcome = try_sync(snapshot, killed_at(call));
    if (outcome) break;
    ++deaths;
    EXPECT_EQ(outcome.error().code, ErrorCode::kIo) << outcome.error().message;
    EXPECT_THAT(outcome.error().message, AllOf(HasSubstr("lost PostgreSQL at"),
                                               HasSubstr("nothing of this transaction is kept")));
    ASSERT_EQ(stamps(), before);
  }

  EXPECT_GE(deaths, 3);  // Memories, tags, embeddings.
  expect_holds(store().model("acme"));
}

TEST_F(SyncFailures, ABackendThatDiesInAFirstSyncLeavesNothing) {
  fill(0, 20);

  const auto outcome = try_sync(store().snapshot(), killed_at(2));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(database().value("SELECT count(*) FROM pg_namespace WHERE nspname IN "
                             "('tulving', 'orchestrator')"),
            "0");
  EXPECT_EQ(database().value("SELECT count(*) FROM pg_extension WHERE extname = 'vector'"), "0");
  sync(store().snapshot());
  expect_holds(store().model("acme"));
}

TEST_F(SyncFailures, ADeathDuringTheCommitIsInDoubt) {
  fill(0, 5);
  sync(store().snapshot());
  database().run(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; "
      "END'; "
      "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON orchestrator.memory_entries "
      "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()");
  fill(5, 6);

  const auto outcome = try_sync(store().snapshot());

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kInDoubt) << outcome.error().message;
  EXPECT_THAT(outcome.error().message, HasSubstr("run the sync again"));
  database().run("DROP TRIGGER at_commit ON orchestrator.memory_entries");
  sync(store().snapshot());
  expect_holds(store().model("acme"));
}

TEST_F(SyncFailures, TwoSyncsAtOnceTakeTurns) {
  fill(0, 200);
  const auto snapshot = store().snapshot();
  std::vector<std::thread> threads;
  std::vector<std::string> failures(4);

  for (auto& failure : failures) {
    threads.emplace_back([&] {
      PostgresSyncOptions options;
      options.uri = database().uri();
      if (auto report = sync_snapshot(snapshot, options); !report) {
        failure = report.error().message;
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_THAT(failures, ::testing::Each(IsEmpty()));
  expect_holds(store().model("acme"));
}

TEST_F(SyncFailures, TwoFirstSyncsAtOnceIntoTwoSchemasBothSucceed) {
  fill(0, 50);
  const auto snapshot = store().snapshot();
  std::vector<std::thread> threads;
  std::vector<std::string> failures(4);

  for (std::size_t i = 0; i < failures.size(); ++i) {
    threads.emplace_back([&, i] {
      PostgresSyncOptions options;
      options.uri = database().uri();
      options.namespaces = {{"orchestrator", "schema" + std::to_string(i)}};
      if (auto report = sync_snapshot(snapshot, options); !report) {
        failures[i] = report.error().message;
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_THAT(failures, ::testing::Each(IsEmpty()));
  expect_holds(store().model("acme"), "schema0");
  expect_holds(store().model("acme"), "schema3");
}

TEST_F(SyncFailures, ARoleWithoutPrivilegesIsToldSo) {
  fill(0, 2);
  database().run("CREATE EXTENSION vector; CREATE ROLE tulving_weak LOGIN");

  PostgresSyncOptions options;
  options.uri = database().uri() + "?user=tulving_weak";
  const auto refused = try_sync(store().snapshot(), options);
  database().run("DROP ROLE tulving_weak");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_THAT(refused.error().message, HasSubstr("permission denied"));
}

// The database in a file system of its own, which the rows outgrow.
TEST_F(SyncFailures, AServerWhoseDiskIsFullIsToldSoAndHoldsWhatItHeld) {
  struct stat data {};
  const auto directory = database().value("SELECT current_setting('data_directory')");
  SmallFilesystem disk(std::filesystem::path(directory).parent_path() / "full", 14,
                       stat(directory.c_str(), &data) == 0 ? data.st_uid : 0);
  if (!disk.has_mounted()) GTEST_SKIP() << "a file system cannot be mounted here";
  const std::string name = "tulving_full_" + std::to_string(::getpid());
  database().run("CREATE TABLESPACE " + name + " LOCATION '" + disk.directory().string() + "'");
  {
    TestDatabase full(server_uri(), "TABLESPACE " + name);
    PostgresSyncOptions options;
    options.uri = full.uri();
    fill(0, 20);
    sync(store().snapshot(), options);
    const std::string rows =
        "SELECT count(*), sum(revision) FROM orchestrator.memory_entries, tulving.sync_state";
    const auto before = full.lines(rows);
    std::mt19937 random(1);
    for (int i = 0; i < 4000; ++i) {  // Texts that cannot be compressed much.
      std::string text = std::to_string(i) + " ";
      while (text.size() < 1900) text += static_cast<char>('!' + random() % 90);
      store().put_memory("acme", memory_of(text));
    }
    const auto snapshot = store().snapshot();

    const auto refused = try_sync(snapshot, options);

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kIo);
    EXPECT_THAT(refused.error().message, HasSubstr("No space left on device"));
    EXPECT_EQ(full.lines(rows), before);
    disk.grow_to(200);
    EXPECT_EQ(sync(snapshot, options).inserted.at("memory_entries"), 4000U);
  }
  database().run("DROP TABLESPACE " + name);
}

TEST_F(SyncFailures, ADatabaseThatIsNotUtf8IsRefused) {
  fill(0, 2);
  TestDatabase latin(server_uri(), "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  PostgresSyncOptions options;
  options.uri = latin.uri();

  const auto refused = try_sync(store().snapshot(), options);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("LATIN1"));
}

TEST_F(SyncFailures, ADamagedSnapshotIsNamedAndNothingIsSent) {
  fill(0, 20);
  const auto snapshot = store().snapshot();
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(snapshot)) {
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
      largest = entry.path();
    }
  }
  {
    std::FILE* file = std::fopen(largest.c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    std::fseek(file, static_cast<long>(std::filesystem::file_size(largest) / 2), SEEK_SET);
    const int byte = std::fgetc(file);
    std::fseek(file, -1, SEEK_CUR);
    std::fputc(byte ^ 0x20, file);
    std::fclose(file);
  }

  const auto refused = try_sync(snapshot);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(database().value("SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'"),
            "0");
}

// A cluster of its own, made from a copy of the installation that lacks the extension.
TEST_F(SyncFailures, AServerWithoutPgvectorIsToldWhatItLacks) {
  fill(0, 2);
  if (!std::filesystem::exists("/usr/lib/postgresql")) {
    GTEST_SKIP() << "there is no PostgreSQL installation here to make a copy of";
  }
  const std::string script = TULVING_SOURCE_DIR "/tools/scripts/postgres_cluster.sh";
  const std::string directory = (std::filesystem::temp_directory_path() /
                                 ("tulving-no-pgvector-" + std::to_string(::getpid())))
                                    .string();
  std::string uri;
  std::FILE* output = popen((script + " start " + directory + " --without-pgvector").c_str(), "r");
  ASSERT_NE(output, nullptr);
  for (int c = std::fgetc(output); c != EOF && c != '\n'; c = std::fgetc(output)) {
    uri += static_cast<char>(c);
  }
  ASSERT_EQ(pclose(output), 0);
  PostgresSyncOptions options;
  options.uri = uri;

  const auto refused = try_sync(store().snapshot(), options);
  EXPECT_EQ(std::system((script + " stop " + directory).c_str()), 0);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("pgvector"), HasSubstr("install")));
}

}  // namespace
}  // namespace tulving::testing
