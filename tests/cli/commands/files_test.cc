// What is promised: a command that writes a file leaves the good one that was there until the new
// one is whole, whatever stops it; goes through nothing but a file or a stream; and reads a file
// with a byte order mark as it reads one without.

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <thread>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kMark = "\xEF\xBB\xBF";

/// While it lives, no file of this process or its children grows beyond `bytes`.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_{};
};

class CliFiles : public Cli {
 protected:
  void fill(int memories) {
    std::string lines;
    for (int i = 0; i < memories; ++i) {
      lines += Json{{"kind", "memory"},
                    {"tenant_id", "t"},
                    {"external_id", "m" + std::to_string(i)},
                    {"text", "Memory " + std::to_string(i) + ": " + std::string(400, 'x')},
                    {"embedding", {1, i + 1}}}
                   .dump() +
               "\n";
    }
    ASSERT_EQ(json({"import", "-"}, 0, lines)["imported"], memories);
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }
};

TEST_F(CliFiles, AnExportThatFailsLeavesTheGoodFilesThatWereThere) {
  fill(5);
  const Arguments arguments = {"export", path("out.jsonl"), "--vectors", path("out.fvecs")};
  ASSERT_EQ(run(arguments).exit_code, 0);
  const std::string lines = contents(path("out.jsonl"));
  const std::string rows = contents(path("out.fvecs"));
  add("t", "none", "It has no vector.");
  const auto before = files();

  EXPECT_THAT(run(arguments), Failed(1));

  EXPECT_EQ(contents(path("out.jsonl")), lines);
  EXPECT_EQ(contents(path("out.fvecs")), rows);
  EXPECT_EQ(files(), before);
}

TEST_F(CliFiles, AnExportThatFindsTheDiskFullLeavesTheGoodFile) {
  fill(300);
  const std::string good = file("out.jsonl", "good\n");
  {
    const SmallDisk disk(80'000);
    EXPECT_THAT(run({"export", good}), Failed(1));
  }
  EXPECT_EQ(contents(good), "good\n");
  EXPECT_EQ(run({"export", good}).exit_code, 0);
  EXPECT_EQ(contents(good), run({"export"}).out);
}

TEST_F(CliFiles, AnExportThatIsKilledLeavesTheGoodFileOrAWholeOne) {
  fill(1500);
  const std::string whole = run({"export"}).out;
  const std::string good = file("out.jsonl", "good\n");
  std::mt19937 random(2);
  int killed = 0;
  for (int round = 0; round < 25; ++round) {
    Running running = start({"--db", db(), "export", good});
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
    ::kill(running.pid, SIGKILL);
    killed += wait_for(running) == 128 + SIGKILL ? 1 : 0;
    const std::string now = contents(good);
    ASSERT_TRUE(now == "good\n" || now == whole) << "round " << round;
  }
  std::cout << killed << " of 25 exports were killed in time\n";
  EXPECT_EQ(run({"export", good}).exit_code, 0);
  EXPECT_EQ(contents(good), whole);
  // What start() writes to stands there too, but nothing half written.
  EXPECT_EQ(files(), (std::vector<std::string>{"db", "out.jsonl", "stderr", "stdin", "stdout"}));
}

TEST_F(CliFiles, WritesStreamsAsTheyAreAndRemovesNone) {
  fill(3);
  add("t", "none", "It has no vector.");
  EXPECT_THAT(run({"export", "/dev/null", "--vectors", "/dev/null"}), Failed(1));
  EXPECT_EQ(run({"export", "/dev/null"}).exit_code, 0);
  struct stat info {};
  ASSERT_EQ(::stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
  EXPECT_THAT(run({"export", "/dev/stdout"}).out, StartsWith(run({"export"}).out));
  EXPECT_THAT(run({"export", directory_.string()}).err, HasSubstr("is a folder"));
  EXPECT_THAT(run({"export", path("missing/out")}), Failed(1));

  fs::create_symlink("target.jsonl", path("link"));
  ASSERT_EQ(run({"export", path("link")}).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(contents(path("target.jsonl")), run({"export"}).out);
}

TEST_F(CliFiles, ASnapshotThatFailsLeavesTheFolderThatWasThere) {
  fill(300);
  fs::create_directory(path("snap"));
  {
    const SmallDisk disk(20'000);
    EXPECT_THAT(run({"snapshot", path("snap")}), Failed(1));
    EXPECT_THAT(run({"snapshot", path("new")}), Failed(1));
  }
  EXPECT_TRUE(fs::is_empty(path("snap")));
  EXPECT_FALSE(fs::exists(path("new")));
  EXPECT_EQ(run({"snapshot", path("snap")}).exit_code, 0);
}

TEST_F(CliFiles, AByteOrderMarkCostsNoLine) {
  const std::string line = R"({"kind":"memory","tenant_id":"t","external_id":"a","text":"One."})";
  EXPECT_EQ(json({"import", file("in.jsonl", kMark + line + "\n")})["imported"], 1);
  const std::string query = R"({"query_id":"1","tenant_id":"t","text":"one"})";
  const Outcome found = run({"search", "--queries", file("queries.jsonl", kMark + query + "\n")});
  EXPECT_EQ(found.exit_code, 0) << found.err;
}

TEST_F(CliFiles, AByteOrderMarkBeforeTheTrackersTasksStaysAndCostsNone) {
  const std::string lines =
      R"({"kind":"memory","tenant_id":"t","external_id":"a","text":"The bakery opens at six on Sundays.","embedding":[1,0]}
{"kind":"memory","tenant_id":"t","external_id":"b","text":"On Sundays the bakery opens at six.","embedding":[1,0.1]}
)";
  ASSERT_EQ(json({"import", "-"}, 0, lines)["imported"], 2);
  json({"consolidate", "--tenant", "t", "--agents", "cluster"});
  const std::string issues = path("issues.jsonl");
  ASSERT_EQ(json({"tasks", "--tenant", "t", "export", issues})["written"], 1);
  const std::string text = contents(issues);
  file("issues.jsonl", kMark + text);

  const Json taken = json({"tasks", "--tenant", "t", "import", issues});
  EXPECT_EQ(taken["rejected"], 0) << taken;
  EXPECT_EQ(taken["unchanged"], 1) << taken;
  const Json given = json({"tasks", "--tenant", "t", "export", issues});
  EXPECT_EQ(given["unchanged"], 1) << given;
  EXPECT_EQ(given["rejected"], 0) << given;
  EXPECT_EQ(contents(issues), kMark + text);
}

}  // namespace
}  // namespace tulving::testing
