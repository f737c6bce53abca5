// `tulving mcp`: several at once on one store, lines that are none, a store that somebody else has.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>  // mkdtemp(3)
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tulving/store.h"

namespace tulving::testing {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

/// A client's own `tulving mcp`.
class Spoken {
 public:
  explicit Spoken(std::vector<std::string> words) {
    std::array<int, 2> in{}, out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) return;
    words.insert(words.begin(), TULVING_CLI);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn(&pid_, TULVING_CLI, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = out[0];
  }
  ~Spoken() {
    end();
    close(out_);
  }
  Spoken(const Spoken&) = delete;
  Spoken& operator=(const Spoken&) = delete;

  void say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = write(in_, bytes.data(), bytes.size());
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void call(int id, const std::string& method, const Json& params) const {
    const Json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
    say(message.dump() + "\n");
  }
  /// The next line, waiting for at most ten seconds.
  Json hear() {
    std::size_t end = 0;
    while ((end = buffer_.find('\n')) == std::string::npos) {
      pollfd ready{out_, POLLIN, 0};
      std::array<char, 65536> bytes{};
      if (poll(&ready, 1, 10'000) <= 0) return {};
      const ssize_t n = read(out_, bytes.data(), bytes.size());
      if (n <= 0) return {};
      buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    }
    Json line = Json::parse(buffer_.substr(0, end), nullptr, false);
    buffer_.erase(0, end + 1);
    return line;
  }
  /// Ends its input; the exit code.
  int end() {
    if (pid_ <= 0) return -1;
    close(in_);
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string buffer_;
};

class Stdio : public ::testing::Test {
 protected:
  Stdio() {
    std::string pattern = std::filesystem::temp_directory_path() / "tulving-mcp.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    setenv("TULVING_EMBEDDER", "none", 1);  // Whatever model is installed here.
    directory_ = pattern;
  }
  // The server that was started ends by itself, after a second without a request.
  ~Stdio() override {
    for (int i = 0; i < 500 && std::filesystem::exists(directory_ / "db.sock"); ++i) usleep(20'000);
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::unique_ptr<Spoken> spoken(const std::string& tenant) const {
    return std::make_unique<Spoken>(std::vector<std::string>{
        "--db", directory_ / "db", "mcp", "--tenant", tenant, "--end-when-idle", "1"});
  }
  static Json adding(const std::string& text) {
    return {{"name", "add_memory"}, {"arguments", {{"text", text}}}};
  }

  std::filesystem::path directory_;
};

TEST_F(Stdio, SeveralAtOnceShareOneStore) {
  std::vector<std::unique_ptr<Spoken>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(spoken(i == 3 ? "other" : "shared"));
  for (const auto& client : clients) client->call(1, "tools/call", adding("canary"));
  for (const auto& client : clients) {
    const Json answer = client->hear();
    EXPECT_EQ(answer["result"].value("isError", true), false) << answer;
  }
  // Three said the same in one tenant: it is one memory, raised twice; the fourth's is another's.
  for (int i = 0; i < 4; ++i) {
    clients[static_cast<std::size_t>(i)]->call(2, "tools/call", {{"name", "memory_stats"}});
    const Json answer = clients[static_cast<std::size_t>(i)]->hear();
    EXPECT_EQ(answer["result"]["structuredContent"]["memories"], 1) << answer;
    EXPECT_EQ(answer["result"]["structuredContent"]["revision"], 4);
  }
  for (const auto& client : clients) EXPECT_EQ(client->end(), 0);
}

TEST_F(Stdio, LinesThatAreNoMessagesAreToldAndSkipped) {
  const auto client = spoken("t");
  client->say("\n  \nnonsense\n");
  EXPECT_EQ(client->hear()["error"]["code"], -32700);
  const std::string piece(1 << 20, 'x');
  client->say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"");
  for (int i = 0; i < 100; ++i) client->say(piece);
  client->say("\"}\n");
  EXPECT_EQ(client->hear()["error"]["code"], -32600);
  client->say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
  client->call(7, "ping", Json::object());
  const Json answer = client->hear();
  EXPECT_EQ(answer["id"], 7) << answer;
  client->say("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}");  // Without its end.
  EXPECT_EQ(client->end(), 0);
  EXPECT_EQ(client->hear()["id"], 8);
}

TEST_F(Stdio, WhatALongCallTellsComesBeforeItsAnswer) {
  const auto writer = spoken("t");
  for (int i = 0; i < 40; ++i) {
    writer->call(i, "tools/call",
                 adding("The garden gate " + std::to_string(i) + " is green\n\ndata: x"));
  }
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(writer->hear().contains("result"));
  const auto keeper = std::make_unique<Spoken>(
      std::vector<std::string>{"--db", directory_ / "db", "mcp", "--tenant", "t", "--profile",
                               "keeper", "--end-when-idle", "1"});
  keeper->call(1, "tools/call",
               {{"name", "preview_consolidation"}, {"_meta", {{"progressToken", 7}}}});
  std::vector<std::int64_t> told;
  Json line = keeper->hear();
  for (; line.contains("method"); line = keeper->hear()) {
    EXPECT_EQ(line["method"], "notifications/progress");
    EXPECT_EQ(line["params"]["progressToken"], 7);
    EXPECT_EQ(line["params"]["total"], 1000);
    told.push_back(line["params"].value("progress", std::int64_t{-1}));
  }
  EXPECT_EQ(line["id"], 1);
  EXPECT_EQ(line["result"].value("isError", true), false) << line;
  EXPECT_THAT(line.dump(), HasSubstr("data: x"));
  ASSERT_GT(told.size(), 2U) << "its agents work one after another";
  for (std::size_t i = 1; i < told.size(); ++i) EXPECT_GT(told[i], told[i - 1]);
  EXPECT_LE(told.back(), 1000);
}

TEST_F(Stdio, AServerThatIsGoneIsStartedAgain) {
  const auto client = spoken("t");
  client->call(1, "tools/call", adding("kept"));
  EXPECT_EQ(client->hear()["id"], 1);
  for (int i = 0; i < 500 && std::filesystem::exists(directory_ / "db.sock"); ++i) usleep(20'000);
  client->call(2, "tools/call", {{"name", "memory_stats"}});
  EXPECT_EQ(client->hear()["result"]["structuredContent"]["memories"], 1);
}

TEST_F(Stdio, AStoreThatSomebodyElseHasIsSaidToBeSo) {
  const auto store = Store::open(directory_ / "db");
  ASSERT_TRUE(store);
  const auto client = std::make_unique<Spoken>(
      std::vector<std::string>{"--db", directory_ / "db", "mcp", "--start-seconds", "0"});
  client->call(1, "ping", Json::object());
  EXPECT_THAT(client->hear()["error"].value("message", ""), HasSubstr("no server listens"));
}

}  // namespace
}  // namespace tulving::testing
