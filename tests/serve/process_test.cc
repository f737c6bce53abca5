// The whole program: started, killed under load, started again; two on one store; ended by a
// signal.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>  // mkdtemp(3)
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "core/embedding/model_file.h"
#include "tests/embedding/small_model.h"
#include "tests/serve/client.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Process : public ::testing::Test {
 protected:
  Process() {
    std::string pattern = std::filesystem::temp_directory_path() / "tulving-serve.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    setenv("TULVING_EMBEDDER", "none", 1);  // Whatever model is installed here.
    directory_ = pattern;
  }
  ~Process() override {
    if (pid_ > 0) end(SIGKILL);
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::string db() const { return directory_ / "db"; }
  [[nodiscard]] std::string socket() const { return directory_ / "db.sock"; }
  [[nodiscard]] std::string log() const { return contents(directory_ / "log"); }

  static std::string contents(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  pid_t spawn(std::vector<std::string> words, const char* out, const char* log) const {
    words.insert(words.begin(), TULVING_CLI);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, 1, (directory_ / out).c_str(), flags, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, (directory_ / log).c_str(), flags, 0600);
    pid_t pid = -1;
    EXPECT_EQ(posix_spawn(&pid, TULVING_CLI, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
  }

  void start() {
    pid_ = spawn({"serve", db(), "--port", "0", "--log-requests"}, "out", "log");
    for (int i = 0; i < 2000 && contents(directory_ / "out").find("unix:") == std::string::npos;
         ++i) {
      usleep(5000);
    }
    ASSERT_TRUE(Client(socket()).is_connected()) << log();
  }
  int end(int signal) {
    kill(pid_, signal);
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::vector<std::string> kill_beside_writers(int least);
  int run(const std::vector<std::string>& words) const {
    int status = 0;
    waitpid(spawn(words, "run-out", "run-log"), &status, 0);
    return WEXITSTATUS(status);
  }

  std::filesystem::path directory_;
  pid_t pid_ = -1;
};

/// Kills the server while four clients add to it; the names of what it said was written.
std::vector<std::string> Process::kill_beside_writers(int least) {
  std::mutex mutex;
  std::vector<std::string> acknowledged;
  std::atomic<int> count = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      Client client(socket());
      for (int i = 0;; ++i) {
        const std::string name = std::to_string(writer) + "-" + std::to_string(i);
        const Json body = {{"memory", {{"external_id", name}, {"text", "canary words " + name}}}};
        if (client.post("/v1/tenants/t/memory/add", body).status != 200) return;
        const std::lock_guard lock(mutex);
        acknowledged.push_back(name);
        ++count;
      }
    });
  }
  while (count < least) std::this_thread::yield();
  EXPECT_EQ(end(SIGKILL), 128 + SIGKILL);
  for (std::thread& writer : writers) writer.join();
  return acknowledged;
}

TEST_F(Process, WhatWasAcknowledgedOutlivesAKill) {
  start();
  const std::vector<std::string> acknowledged = kill_beside_writers(500);
  EXPECT_THAT(log(), Not(HasSubstr("canary"))) << "what is said is nobody's log line";
  EXPECT_THAT(log(), HasSubstr("\"operation\":\"memory.add\""));

  start();  // Over the socket that the dead one left.
  Client client(socket());
  for (const std::string& name : acknowledged) {
    ASSERT_EQ(client.post("/v1/tenants/t/memory/get", {{"id", name}}).status, 200) << name;
  }
  EXPECT_EQ(end(SIGTERM), 0) << log();
  EXPECT_THAT(log(), HasSubstr("\"event\":\"ended\""));
}

TEST_F(Process, AKillBesideTheEmbedderLosesNoTextAndNoVectorForGood) {
  std::filesystem::create_directory(directory_ / "models");
  ASSERT_TRUE(embedding::write_model(directory_ / "models/use-lite.tulving-model",
                                     embedding::small_model()));
  const char* const models = getenv("TULVING_MODELS");
  const std::string kept = models == nullptr ? "" : models;
  setenv("TULVING_MODELS", (directory_ / "models").c_str(), 1);
  setenv("TULVING_EMBEDDER", "use-lite", 1);
  start();
  const std::vector<std::string> acknowledged = kill_beside_writers(300);
  start();
  models == nullptr ? unsetenv("TULVING_MODELS") : setenv("TULVING_MODELS", kept.c_str(), 1);
  Client client(socket());
  ASSERT_EQ(client.post("/v1/store/wait_for_embedding", Json::object()).status, 200);
  for (const std::string& name : acknowledged) {
    const Reply reply =
        client.post("/v1/tenants/t/memory/get", {{"id", name}, {"with_embeddings", true}});
    ASSERT_EQ(reply.status, 200) << name;
    ASSERT_EQ(Json::parse(reply.body)["embeddings"].size(), 1U) << reply.body;
  }
  EXPECT_EQ(end(SIGTERM), 0) << log();
}

TEST_F(Process, ASecondServerOnAStoreIsRefusedAndTheFirstGoesOn) {
  start();
  EXPECT_EQ(run({"serve", db(), "--port", "0"}), 1);
  EXPECT_THAT(contents(directory_ / "run-log"), HasSubstr("another process"));
  EXPECT_EQ(Client(socket()).get("/health/ready").status, 200);
  EXPECT_EQ(end(SIGINT), 0);
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(Process, TokensAreReadAnewAtSighup) {
  start();
  const std::string out = contents(directory_ / "out");
  const auto port = static_cast<std::uint16_t>(std::stoi(out.substr(out.find("127.0.0.1:") + 10)));
  EXPECT_EQ(Client(port).get("/v1/store/tenants").status, 200);
  ASSERT_EQ(run({"--db", db(), "token", "create", "--tenant", "*", "--scope", "admin"}), 0);
  std::string token = contents(directory_ / "run-out");
  token.pop_back();
  kill(pid_, SIGHUP);
  int status = 200;
  for (int i = 0; i < 1000 && status == 200; ++i) {
    status = Client(port).get("/v1/store/tenants").status;
  }
  EXPECT_EQ(status, 401);
  const Headers header = {{"Authorization", "Bearer " + token}};
  EXPECT_EQ(Client(port).get("/v1/store/tenants", header).status, 200);
  ASSERT_EQ(run({"--db", db(), "token", "list"}), 0);
  EXPECT_THAT(contents(directory_ / "run-out"), HasSubstr(token.substr(4, 12)));
  ASSERT_EQ(run({"--db", db(), "token", "revoke", token.substr(4, 12)}), 0);
  EXPECT_EQ(run({"--db", db(), "token", "revoke", token.substr(4, 12)}), 1);
  kill(pid_, SIGHUP);
  status = 200;
  for (int i = 0; i < 1000 && status != 401; ++i) {
    status = Client(port).get("/v1/store/tenants", header).status;
  }
  EXPECT_EQ(status, 401);
  EXPECT_EQ(end(SIGTERM), 0) << log();
}

}  // namespace
}  // namespace tulving::testing
