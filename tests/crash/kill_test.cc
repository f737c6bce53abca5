// kill -9 loses nothing that was acknowledged.
//
// A child process imports lines with durability `process` and prints the number of each
// acknowledged line. It is killed with SIGKILL, in many rounds, each going on where the last one
// fell: by turns at a random moment, so that opening and recovery are interrupted too, and a moment
// after a random line was acknowledged, so that some land in mid-import however slow the machine
// is. After each kill the store is
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

// Reads the numbers that a child prints, until its pipe ends.
class Acks {
 public:
  explicit Acks(int pipe_end) : pipe_end_(pipe_end) {}
  ~Acks() { close(pipe_end_); }

  // Until `line` is acknowledged, or the pipe has ended.
  void wait_for(int line) {
    while (last() < line && read_some()) {
    }
  }
  // The last one; a line cut short was not read as acknowledged.
  int all() {
    while (read_some()) {
    }
    return last();
  }

 private:
  bool read_some() {
    char buffer[4096];
    const ssize_t n = read(pipe_end_, buffer, sizeof buffer);
    if (n > 0) seen_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }
  int last() const {
    const std::size_t end = seen_.rfind('\n');
    if (end == std::string::npos) return 0;
    const std::size_t before = end == 0 ? std::string::npos : seen_.rfind('\n', end - 1);
    return std::atoi(seen_.c_str() + (before == std::string::npos ? 0 : before + 1));
  }

  int pipe_end_;
  std::string seen_;
};

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
    Acks acks(child.acks);
    const auto within = [&](int most) { return std::uniform_int_distribution(0, most)(random); };
    if (round % 2 == 1) acks.wait_for(1 + within(kLines / 2));
    std::this_thread::sleep_for(std::chrono::microseconds(within(round % 2 == 1 ? 500 : 150'000)));
    kill(child.pid, SIGKILL);
    const int acknowledged = acks.all();
    int status = 0;
    ASSERT_EQ(waitpid(child.pid, &status, 0), child.pid);
    ASSERT_TRUE(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        << "the child failed by itself: status " << status;
    if (WIFSIGNALED(status)) {
      ASSERT_EQ(WTERMSIG(status), SIGKILL);
    }
    check_store(db, acknowledged);
    checked += static_cast<std::uint64_t>(acknowledged);
    if (WIFSIGNALED(status) && acknowledged > 0 && acknowledged < kLines) ++mid_import;
    if (acknowledged == kLines || round % 10 == 9)
      db = directory / ("db" + std::to_string(++store_number));
  }
  std::cout << mid_import << " kills landed in mid-import; " << checked
            << " acknowledged lines checked, none lost\n";
  EXPECT_GT(mid_import, rounds / 10) << "too few kills landed in mid-import to prove anything";
}

}  // namespace
}  // namespace tulving
