// kill -9 loses nothing that was acknowledged.
//
// A child process imports lines with durability `process` and prints the number of each
// acknowledged line. It is killed with SIGKILL at a random moment, in many rounds, each going on
// where the last one fell, so that recovery is itself interrupted. After each kill the store is
// opened and every line the parent had read an acknowledgement of is found by its text and by its
// vector; a line is there whole or not at all. The test fails when a child did not die by SIGKILL,
// or when no kill ever landed in mid-import, since then it has shown nothing.
//
// TULVING_CRASH_ROUNDS sets the rounds (100).

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;

constexpr int kLines = 4000;
constexpr std::size_t kDim = 16;

std::vector<float> vector_of(int line) {
  std::mt19937 random(static_cast<unsigned>(line) * 7919U);
  return random_vector(random, kDim);
}

std::string text_of(int line) { return "payload of line w" + std::to_string(line) + "w"; }

void write_input(const std::filesystem::path& file) {
  std::ofstream out(file);
  for (int line = 1; line <= kLines; ++line) {
    Memory memory = testing::memory(text_of(line), vector_of(line));
    memory.external_id = "line/" + std::to_string(line);
    memory.tags = {"crash"};
    out << to_json_line("acme", memory) << "\n";
  }
}

struct Child {
  pid_t pid = -1;
  int acks = -1;
};

Child start_import(const std::string& db, const std::string& input) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    const int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(TULVING_CLI, TULVING_CLI, "--db", db.c_str(), "--durability", "process", "import",
          input.c_str(), "--ack", static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  return {pid, ends[0]};
}

// Greatest line number printed before the pipe ended; a cut last line was not read as acknowledged.
int read_acks(int pipe_end) {
  std::string seen;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(pipe_end, buffer, sizeof buffer)) > 0;) {
    seen.append(buffer, static_cast<std::size_t>(n));
  }
  close(pipe_end);
  seen.resize(seen.rfind('\n') == std::string::npos ? 0 : seen.rfind('\n'));
  const std::size_t last = seen.rfind('\n');
  if (seen.empty()) return 0;
  return std::atoi(seen.c_str() + (last == std::string::npos ? 0 : last + 1));
}

void check_store(const std::string& db, int acknowledged) {
  StoreOptions options;
  options.create_if_missing = acknowledged == 0;
  Store store = value_of(Store::open(db, options));
  const Tenant tenant = value_of(store.tenant("acme"));
  for (int line = 1; line <= acknowledged; ++line) {
    const auto by_text = value_of(tenant.search(text_search("w" + std::to_string(line) + "w", 2)));
    ASSERT_EQ(by_text.hits.size(), 1U) << "line " << line << " is not found by its text";
    ASSERT_EQ(by_text.hits[0].memory.text(), text_of(line));
    const auto by_vector = value_of(tenant.search(vector_search(vector_of(line), 1)));
    ASSERT_EQ(by_vector.hits.size(), 1U);
    ASSERT_EQ(by_vector.hits[0].memory.text(), text_of(line)) << "not found by its vector";
  }
  // Lines are imported in order, so what is there beyond the acknowledged ones is a prefix too.
  const std::uint64_t held = tenant.stats().memories;
  for (std::uint64_t line = 1; line <= held; ++line) {
    const auto id = tenant.resolve("line/" + std::to_string(line));
    ASSERT_TRUE(id.has_value()) << "line " << line << " is missing before one that is there";
    ASSERT_EQ(value_of(tenant.get(*id, true)).embeddings.size(), 1U) << "half a record";
  }
  ASSERT_THAT(value_of(store.verify()).problems, ::testing::IsEmpty());
}

TEST(Kill, AcknowledgedLinesSurviveAtAnyMoment) {
  const char* wanted = std::getenv("TULVING_CRASH_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 100;
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << ", " << rounds << " rounds\n";
  std::mt19937 random(seed);
  TemporaryDirectory directory;
  const std::string input = directory / "lines.jsonl";
  write_input(input);

  int mid_import = 0;
  std::uint64_t checked = 0;
  int store_number = 0;
  std::string db = directory / "db0";
  for (int round = 0; round < rounds && !::testing::Test::HasFatalFailure(); ++round) {
    const Child child = start_import(db, input);
    ASSERT_GT(child.pid, 0);
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<int>(0, 150'000)(random)));
    kill(child.pid, SIGKILL);
    const int acknowledged = read_acks(child.acks);
    int status = 0;
    ASSERT_EQ(waitpid(child.pid, &status, 0), child.pid);
    ASSERT_TRUE(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        << "the child failed by itself: status " << status;
    if (WIFSIGNALED(status)) {
      ASSERT_EQ(WTERMSIG(status), SIGKILL);
    }
    check_store(db, acknowledged);
    checked += static_cast<std::uint64_t>(acknowledged);
    if (acknowledged > 0 && acknowledged < kLines) ++mid_import;
    if (acknowledged == kLines || round % 10 == 9)
      db = directory / ("db" + std::to_string(++store_number));
  }
  std::cout << mid_import << " kills landed in mid-import; " << checked
            << " acknowledged lines checked, none lost\n";
  EXPECT_GT(mid_import, rounds / 10) << "too few kills landed in mid-import to prove anything";
}

}  // namespace
}  // namespace tulving
