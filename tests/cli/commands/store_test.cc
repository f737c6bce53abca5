// stats, verify, snapshot and restore; readers beside a writer, a second writer, and damaged files.

#include <fstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string line(const std::string& name) {
  return R"({"kind":"memory","tenant_id":"acme","external_id":")" + name + R"(","text":"memory )" +
         name + R"(","embedding":[1,0.5]})" + "\n";
}

class CliStore : public Cli {
 protected:
  void fill(int memories = 20) {
    std::string input;
    for (int i = 0; i < memories; ++i) input += line("m" + std::to_string(i));
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], memories);
  }
};

TEST_F(CliStore, StatsCount) {
  fill();

  const Json stats = json({"stats"});

  EXPECT_EQ(stats["memories"], 20);
  EXPECT_EQ(stats["without_vector"], 0);
  EXPECT_GE(stats["revision"], 1);
  EXPECT_EQ(stats["durable_revision"], stats["revision"]);
  EXPECT_EQ(stats["tenants"][0]["tenant_id"], "acme");
  EXPECT_EQ(stats["tenants"][0]["vectors"][0]["vectors"], 20);
  EXPECT_GT(stats["bytes_per_memory"], 0);
  const Outcome text = run({"stats"});
  for (const char* word : {"durable revision", "acme", "bytes per memory", "default"}) {
    EXPECT_THAT(text.out, HasSubstr(word));
  }
}

TEST_F(CliStore, VerifyFindsASoundStoreSound) {
  fill();

  const Json report = json({"verify"});

  EXPECT_GE(report["records_checked"], 20);
  EXPECT_EQ(report["vectors_checked"], 20);
  EXPECT_EQ(report["problems"], Json::array());
  EXPECT_THAT(run({"verify"}).out, HasSubstr("sound"));
}

TEST_F(CliStore, ASnapshotRestoresTheSameStore) {
  fill();
  json({"forget", "--tenant", "acme", "m3"});

  const Json taken = json({"snapshot", path("snapshot")});
  const Outcome restored =
      run_bare({"--db", path("second"), "--json", "restore", path("snapshot")});

  EXPECT_EQ(taken["counts"]["memory"], 20);
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(Json::parse(restored.out)["revision"], taken["revision"]);
  EXPECT_EQ(run_bare({"--db", path("second"), "export", "--with-embeddings"}).out, exported());
  EXPECT_THAT(run_bare({"--db", path("third"), "restore", path("snapshot")}).out,
              HasSubstr("restored"));
}

TEST_F(CliStore, AnIncrementalSnapshotHoldsTheChangesAlone) {
  fill();
  const std::string since = std::to_string(json({"stats"})["revision"].get<int>());
  json({"update", "--tenant", "acme", "m1", "--priority", "9"});

  const Json info = json({"snapshot", path("changes"), "--since", since});

  EXPECT_EQ(info["counts"]["memory"], 1);
  EXPECT_EQ(std::to_string(info["since"].get<int>()), since);
  EXPECT_NE(run_bare({"--db", path("second"), "restore", path("changes")}).exit_code, 0);
}

// The store put back to an older state gives revisions out again.
TEST_F(CliStore, AnotherHistoryIsToldByItsIncarnation) {
  fill();
  json({"snapshot", path("then")});
  json({"update", "--tenant", "acme", "m1", "--priority", "9"});
  const Json lost = json({"stats"});
  const std::string revision = std::to_string(lost["revision"].get<int>());
  const std::string incarnation = lost["incarnation"].get<std::string>();
  EXPECT_EQ(json({"verify"})["incarnation"], incarnation);
  EXPECT_EQ(json({"changes", "--since", revision, "--incarnation", incarnation})["incarnation"],
            incarnation);
  ASSERT_EQ(run_bare({"--db", path("second"), "restore", path("then")}).exit_code, 0);
  const auto in_second = [this](std::vector<std::string> more) {
    std::vector<std::string> all = {"--db", path("second"), "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return run_bare(all);
  };
  ASSERT_EQ(in_second({"update", "--tenant", "acme", "m2", "--priority", "3"}).exit_code, 0);

  const Outcome bare = in_second({"changes", "--since", revision});
  EXPECT_EQ(bare.exit_code, 0) << "nobody can tell by the number alone";
  for (const auto& command : {std::vector<std::string>{"changes"},
                              std::vector<std::string>{"snapshot", path("changes")}}) {
    auto told = command;
    told.insert(told.end(), {"--since", revision, "--incarnation", incarnation});
    const Outcome refused = in_second(told);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.err, HasSubstr(incarnation));
  }
  EXPECT_NE(in_second({"snapshot", path("changes"), "--incarnation", incarnation}).exit_code, 0);
}

TEST_F(CliStore, ChangesListWhatWasWrittenAndErased) {
  fill();
  const auto since = json({"stats"})["revision"].get<int>();
  json({"update", "--tenant", "acme", "m1", "--priority", "9"});
  run({"erase", "--tenant", "acme", "m2"});

  const Json page = json({"changes", "--since", std::to_string(since)});
  ASSERT_EQ(page["changes"].size(), 2U);
  EXPECT_EQ(page["changes"][0]["revision"], since + 1);
  EXPECT_EQ(page["changes"][0]["tenant_id"], "acme");
  EXPECT_EQ(page["changes"][0]["kind"], "memory");
  EXPECT_EQ(page["changes"][0]["erased"], false);
  EXPECT_EQ(page["changes"][1]["erased"], true);
  EXPECT_EQ(page["revision"], since + 2);
  EXPECT_EQ(page["is_last"], true);
  const Json first = json({"changes", "--since", std::to_string(since), "--limit", "1"});
  EXPECT_EQ(first["changes"].size(), 1U);
  EXPECT_EQ(first["is_last"], false);
  const Outcome text = run({"changes", "--since", std::to_string(since), "--limit", "1"});
  EXPECT_THAT(text.out, HasSubstr("written"));
  EXPECT_THAT(text.out, HasSubstr("--since " + std::to_string(since + 1)));
  EXPECT_THAT(run({"changes", "--since", "1000000"}), Failed(2));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"changes"},
                                                {"changes", "--since", "-1"},
                                                {"changes", "--since", "0", "--limit", "0"}}) {
    EXPECT_THAT(run(wrong), Failed(2));
  }
}

TEST_F(CliStore, SnapshotAndRestoreOverwriteNothing) {
  fill();
  std::filesystem::create_directory(path("taken"));
  file("taken/file", "x");

  EXPECT_THAT(run({"snapshot", path("taken")}), Failed(1));
  ASSERT_EQ(run({"snapshot", path("snapshot")}).exit_code, 0);
  const std::string before = exported();
  EXPECT_THAT(run({"restore", path("snapshot")}), Failed(1));
  EXPECT_EQ(exported(), before);
  EXPECT_THAT(run_bare({"--db", path("second"), "restore", path("nowhere")}), Failed(1));
  EXPECT_THAT(run_bare({"restore", path("snapshot")}), Failed(2));
}

TEST_F(CliStore, WhatIsSalvagedCanBeRestored) {
  fill();
  const std::string before = exported();

  const Json salvaged = json({"salvage", path("salvaged")});
  EXPECT_EQ(salvaged["counts"]["memory"], 20);
  EXPECT_THAT(run({"salvage", path("more")}).out, HasSubstr("salvaged"));
  EXPECT_THAT(run({"salvage", path("salvaged")}), Failed(1));
  EXPECT_THAT(run_bare({"--db", path("none"), "salvage", path("x")}), Failed(1));
  EXPECT_THAT(run_bare({"salvage", path("x")}), Failed(2));
  EXPECT_EQ(exported(), before);
  ASSERT_EQ(run_bare({"--db", path("second"), "restore", path("salvaged")}).exit_code, 0);
  EXPECT_EQ(run_bare({"--db", path("second"), "export", "--with-embeddings"}).out, before);
}

TEST_F(CliStore, ADamagedSnapshotIsNotRestored) {
  fill();
  ASSERT_EQ(run({"snapshot", path("snapshot")}).exit_code, 0);
  for (const auto& entry : std::filesystem::directory_iterator(path("snapshot"))) {
    std::fstream bytes(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(entry.file_size() / 2));
    const char flipped = static_cast<char>(bytes.get() ^ 1);
    bytes.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    bytes.put(flipped);
    bytes.close();

    EXPECT_THAT(run_bare({"--db", path("second"), "restore", path("snapshot")}), Failed(1))
        << entry.path();
    EXPECT_NE(run_bare({"--db", path("second"), "stats"}).exit_code, 0);

    std::fstream again(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    again.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    again.put(static_cast<char>(flipped ^ 1));
  }
  EXPECT_EQ(run_bare({"--db", path("third"), "restore", path("snapshot")}).exit_code, 0);
}

TEST_F(CliStore, AFlippedByteInAFileIsFoundOrHarmless) {
  fill();
  const std::string before = exported();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(db())) {
    if (!entry.is_regular_file() || entry.file_size() == 0) continue;
    const std::string copy = path("copy");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(db(), copy, std::filesystem::copy_options::recursive);
    const auto damaged =
        std::filesystem::path(copy) / std::filesystem::relative(entry.path(), db());
    const auto middle = static_cast<std::streamoff>(entry.file_size() / 2);
    std::fstream bytes(damaged, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(middle);
    const char flipped = static_cast<char>(bytes.get() ^ 0x10);
    bytes.seekp(middle);
    bytes.put(flipped);
    bytes.close();

    const Outcome verified = run_bare({"--db", copy, "verify"});
    if (verified.exit_code == 0) {
      EXPECT_EQ(run_bare({"--db", copy, "export", "--with-embeddings"}).out, before)
          << damaged << " is damaged, and what it says is believed";
    } else {
      EXPECT_THAT(verified, Failed(1)) << damaged;
    }
  }
}

TEST_F(CliStore, ATenantIsDroppedWhenItIsMeant) {
  fill(3);
  run({"add", "--tenant", "canary", "--text", "stays"});
  const Outcome asked = run({"tenant", "drop", "acme"});
  EXPECT_THAT(asked, Failed(2));
  EXPECT_THAT(asked.err, HasSubstr("--yes"));
  EXPECT_EQ(json({"stats"})["memories"], 4);

  EXPECT_EQ(run({"tenant", "drop", "acme", "--yes"}).out,
            "dropped tenant acme, which had 3 memories\n");
  EXPECT_EQ(json({"tenants"})["tenants"].size(), 1U);
  EXPECT_EQ(json({"list", "--tenant", "canary"})["matching"], 1);
  const Outcome missing = run({"tenant", "drop", "acme", "--yes"});
  EXPECT_THAT(missing, Failed(1));
  EXPECT_THAT(missing.err, HasSubstr("there is no tenant \"acme\""));
  EXPECT_THAT(run({"tenant", "drop", "", "--yes"}), Failed(2));
  EXPECT_EQ(json({"tenant", "drop", "canary", "--yes", "--purge"})["memories"], 1);
  EXPECT_EQ(json({"verify"})["problems"], Json::array());
}

class CliBesideAWriter : public CliStore {
 protected:
  void SetUp() override {
    writer_ = start({"--db", db(), "import", "--ack", "-"});
    write_text(writer_, line("a") + line("b"));
    ASSERT_EQ(read_line(writer_), "1");
    ASSERT_EQ(read_line(writer_), "2");
  }
  void TearDown() override { EXPECT_EQ(wait_for(writer_), 0); }

  Running writer_;
};

TEST_F(CliBesideAWriter, ReadersSeeWhatWasAcknowledged) {
  EXPECT_EQ(json({"list", "--tenant", "acme"})["matching"], 2);
  EXPECT_EQ(json({"get", "--tenant", "acme", "b"})["text"], "memory b");
  EXPECT_EQ(json({"search", "--tenant", "acme", "--text", "memory"})["results"].size(), 2U);
  EXPECT_EQ(json({"stats"})["memories"], 2);
  EXPECT_EQ(json({"verify"})["problems"], Json::array());
  EXPECT_EQ(json({"snapshot", path("snapshot")})["counts"]["memory"], 2);
  EXPECT_EQ(run({"export"}).exit_code, 0);

  write_text(writer_, line("c"));
  ASSERT_EQ(read_line(writer_), "3");
  EXPECT_EQ(json({"list", "--tenant", "acme"})["matching"], 3);
}

TEST_F(CliBesideAWriter, ASecondWriterIsRefused) {
  const Outcome outcome = run({"add", "--tenant", "acme", "--text", "tea"});

  EXPECT_THAT(outcome, Failed(1));
  EXPECT_THAT(outcome.err, HasSubstr(db()));
  EXPECT_THAT(run({"forget", "--tenant", "acme", "a"}), Failed(1));
  EXPECT_EQ(json({"stats"})["memories"], 2);
}

}  // namespace
}  // namespace tulving::testing
