// How it ends: what is under way is answered, what comes is refused, what is acknowledged is there.

#include <atomic>
#include <thread>

#include "tests/serve/served.h"
#include "tulving/embedder.h"

namespace tulving::testing {
namespace {

TEST_F(Served, WhatIsUnderWayIsAnsweredBeforeTheEnd) {
  auto store = Store::open(directory_ / "db");
  ASSERT_TRUE(store);
  serve(*std::move(store), {});
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      Client client(socket_path());
      for (int i = 0; i < 2000; ++i) {
        const std::string name = std::to_string(writer) + "-" + std::to_string(i);
        const Reply reply = client.post(of_tenant("t", "memory/add"), memory(name, "text " + name));
        if (reply.status != 200) {
          EXPECT_TRUE(reply.status == 503 || reply.status == 0) << reply.status << reply.body;
          return;
        }
        ++acknowledged;
      }
    });
  }
  while (acknowledged < 100) std::this_thread::yield();
  ASSERT_TRUE(site_->end());
  for (std::thread& writer : writers) writer.join();
  EXPECT_FALSE(Client(socket_path()).is_connected());
  site_.reset();
  auto again = Store::open(directory_ / "db");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->stats().memories, static_cast<std::uint64_t>(acknowledged));
}

/// Takes its time, and says that it was asked.
class SlowEmbedder : public Embedder {
 public:
  [[nodiscard]] const EmbedderIdentity& identity() const noexcept override { return identity_; }
  [[nodiscard]] Result<std::vector<float>> embed_documents(
      std::span<const std::string_view> texts) const override {
    is_asked = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return std::vector<float>(texts.size() * 2, 1);
  }
  [[nodiscard]] Result<std::vector<float>> embed_query(std::string_view) const override {
    return std::vector<float>(2, 1);
  }
  [[nodiscard]] std::size_t batch_limit() const noexcept override { return 100; }
  [[nodiscard]] TextLength text_limit() const noexcept override { return {1000, TextUnit::kBytes}; }
  [[nodiscard]] Result<std::size_t> length_of(std::string_view text) const override {
    return text.size();
  }
  mutable std::atomic<bool> is_asked = false;

 private:
  EmbedderIdentity identity_{"slow", 2, false};
};

TEST_F(Served, AnAnswerThatTakesLongIsWaitedFor) {
  const auto slow = std::make_shared<SlowEmbedder>();
  StoreOptions options;
  options.embedders = {slow};
  options.embed = EmbedWrites::kWait;
  auto store = Store::open_in_memory(options);
  ASSERT_TRUE(store);
  serve(*std::move(store), {});
  int status = 0;
  std::thread writer([&] {
    status = Client(port()).post(of_tenant("t", "memory/add"), memory("m", "a text")).status;
  });
  while (!slow->is_asked) std::this_thread::yield();
  EXPECT_TRUE(site_->end());
  writer.join();
  EXPECT_EQ(status, 200);
}

TEST_F(Served, ItSaysThatItIsEnding) {
  serve();
  Client client(port());
  ASSERT_EQ(client.get("/health/ready").status, 200);
  site_->health().drain();
  const Reply ready = client.get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.json()["ready"], false);
  EXPECT_EQ(client.get("/health/live").status, 200);
  const Reply refused = client.get(of_tenant("t", "search?text=x"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(client.is_closed());
}

// More than the system keeps on its way, so that who writes it waits.
TEST_F(Served, AStreamThatNobodyReadsDoesNotHoldTheEnd) {
  serve({.drain_time = std::chrono::milliseconds(50)});
  std::string lines;
  const std::string text(10'000, 'x');
  for (int i = 0; i < 800; ++i) lines += "{\"kind\":\"memory\",\"text\":\"" + text + "\"}\n";
  Client writer(port());
  const Headers type = {{"Content-Type", "application/x-ndjson"}};
  ASSERT_EQ(writer.ask("POST", of_tenant("t", "import"), lines, type).status, 200);
  Client lazy(port());
  lazy.send("GET /v1/tenants/t/export HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_EQ(lazy.read(true).status, 200);
  EXPECT_TRUE(site_->end());
}

TEST_F(Served, ASocketThatWasLeftIsReplacedAndALiveOneIsNot) {
  serve();
  auto other = serve::http::Listener::unix_socket(socket_path());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kBusy);
  site_.reset();
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
  std::filesystem::create_directory(socket_path());
  EXPECT_FALSE(serve::http::Listener::unix_socket(socket_path())) << "it is a folder";
  std::filesystem::remove(socket_path());
  EXPECT_FALSE(serve::http::Listener::unix_socket("/tmp/" + std::string(200, 'a')));
}

}  // namespace
}  // namespace tulving::testing
