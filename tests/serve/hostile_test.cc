// What clients should not send: requests that two readers would cut differently, endless ones, slow
// ones. After each, the server answers the next client.

#include <thread>

#include "tests/serve/served.h"

namespace tulving::testing {
namespace {

class Hostile : public Served {
 protected:
  void expect_well() { EXPECT_EQ(Client(port()).get("/health/live").status, 200); }
  /// The status of the first answer, and that nothing follows: what looks like a second request
  /// within the first's body was not taken for one.
  void expect_closed(int status, const std::string& request) {
    Client client(port());
    client.send(request);
    const Reply reply = client.read();
    EXPECT_EQ(reply.status, status) << request.substr(0, 200) << "\n" << reply.body;
    EXPECT_EQ(client.read().status, 0) << "a second answer to " << request.substr(0, 200);
    EXPECT_TRUE(client.is_closed()) << request.substr(0, 200);
    expect_well();
  }
};

const std::string kPost =
    "POST /v1/tenants/t/search HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: application/json\r\n";
const std::string kSmuggled = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(Hostile, RequestsOfTwoLengthsAreRefused) {
  serve();
  {  // The same without a second length is fine, and what follows is a request.
    Client client(port());
    client.send(kPost + "Content-Length: 12\r\n\r\n{\"text\":\"x\"}" + kSmuggled);
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(client.read().status, 200);
  }
  const std::string chunk = "0\r\n\r\n" + kSmuggled;
  for (const char* lengths :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 50\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length : 5\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: \x0b"
        "chunked\r\n"}) {
    expect_closed(400, kPost + lengths + "\r\n" + chunk);
  }
  expect_closed(400,
                "POST /v1/tenants/t/search HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
}

TEST_F(Hostile, MalformedHeadsAreRefused) {
  serve();
  expect_closed(400, "GET /health/live HTTP/1.1\r\n\r\n");
  expect_closed(400, "GET /health/live HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n");
  expect_closed(400, "GET /health/live HTTP/1.1\r\nHost: localhost\r\nb@d name: 1\r\n\r\n");
  expect_closed(400, "GET http://localhost/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

TEST_F(Hostile, MalformedChunksAreRefused) {
  serve();
  const std::string head = kPost + "Transfer-Encoding: chunked\r\n\r\n";
  {
    Client client(port());
    client.send(head + "c\r\n{\"text\":\"x\"}\r\n0\r\n\r\n" + kSmuggled);
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(client.read().status, 200);
  }
  for (const char* size : {"zz", "-1", "0x5", ""}) {
    expect_closed(400, head + size + "\r\n{\"text\":\"x\"}\r\n0\r\n\r\n" + kSmuggled);
  }
  expect_closed(413, head + "fffffffffffffffffff\r\n" + kSmuggled);
  expect_closed(400, head + "3\r\n{\"text\":\"x\"}\r\n0\r\n\r\n" + kSmuggled);
}

TEST_F(Hostile, LongBodiesAreRefused) {
  serve({.gateway = {.body_max = 1000}});
  const std::string path =
      "POST /v1/tenants/t/search HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\n";
  expect_closed(413, path + "Content-Length: 1001\r\n\r\n");
  expect_closed(413, path + "Content-Length: 900000000000\r\n\r\n");
  Client chunked(port());
  chunked.send(path + "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "1000\r\n" + std::string(0x1000, ' ') + "\r\n";
  for (int i = 0; i < 20; ++i) chunked.send(chunk);
  chunked.send("0\r\n\r\n");
  EXPECT_EQ(chunked.read().status, 413);
  Client endless(port());
  endless.send(path + "Transfer-Encoding: chunked\r\n\r\n");
  std::size_t sent = 0;
  while (sent < (std::size_t{256} << 20U) && endless.send(chunk)) sent += chunk.size();
  EXPECT_LT(sent, std::size_t{64} << 20U) << "it is cut in the end";
  const std::string fits = "{\"text\":\"" + std::string(900, 'x') + "\"}";
  EXPECT_EQ(Client(port()).ask("POST", of_tenant("t", "search"), fits).status, 200);
}

TEST_F(Hostile, BodiesTogetherHaveABudget) {
  serve({.http = {.bodies_bytes_max = 10'000}});
  const std::string lines(20'000, ' ');
  const Headers type = {{"Content-Type", "application/x-ndjson"}};
  EXPECT_EQ(Client(port()).ask("POST", of_tenant("t", "import"), lines, type).status, 503);
  EXPECT_EQ(
      Client(port()).ask("POST", of_tenant("t", "import"), lines.substr(0, 5000), type).status,
      200);
}

TEST_F(Hostile, AMillionHeadersAreRefused) {
  serve();
  Client client(port());
  client.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n");
  std::string some;
  for (int i = 0; i < 1000; ++i) some += "X-Header: value\r\n";
  for (int i = 0; i < 1000 && client.send(some); ++i) {
  }
  const int status = client.read().status;
  EXPECT_TRUE(status == 431 || status == 0) << status;
  Client one(port());
  one.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(70'000, 'a') +
           "\r\n\r\n");
  EXPECT_EQ(one.read().status, 431);
  Client uri(port());
  uri.send("GET /" + std::string(70'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(uri.read().status, 414);
  expect_well();
}

TEST_F(Hostile, TheSlowAreCut) {
  serve({.http = {.idle_time = std::chrono::milliseconds(300),
                  .head_time = std::chrono::milliseconds(200),
                  .body_time = std::chrono::milliseconds(200)}});
  // A byte now and then, which the library's own clock takes for life.
  const auto drip = [&](const std::string& begin) {
    Client client(port());
    client.send(begin);
    for (int i = 0; i < 500; ++i) {
      if (!client.send("a")) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  };
  EXPECT_TRUE(drip("GET /health/live HTTP/1.1\r\nX: "));
  EXPECT_TRUE(drip(kPost + "Content-Length: 100000\r\n\r\n"));
  expect_well();
}

TEST_F(Hostile, ConnectionsPastTheLimitWait) {
  serve({.http = {.threads = 1, .connections_max = 3}});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    EXPECT_EQ(clients.back()->get("/health/live").status, 200);
  }
  Client waiting(port());
  waiting.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_FALSE(waiting.hears_within(std::chrono::milliseconds(100)));
  clients.pop_back();
  EXPECT_EQ(waiting.read().status, 200);
}

TEST_F(Hostile, AHalfClosedSocketGetsItsAnswer) {
  serve();
  Client client(port());
  client.send(kPost + "Content-Length: 12\r\n\r\n{\"text\":\"x\"}");
  client.half_close();
  EXPECT_EQ(client.read().status, 200);
  Client cut(port());
  cut.send(kPost + "Content-Length: 100\r\n\r\n{\"text\"");
  cut.half_close();
  EXPECT_TRUE(cut.is_closed());
  expect_well();
}

/// More than a connection and its pipe hold.
void import_much(std::uint16_t port) {
  std::string lines;
  const std::string text(5000, 'x');
  for (int i = 0; i < 2000; ++i) {
    lines += "{\"kind\":\"memory\",\"external_id\":\"m" + std::to_string(i) + "\",\"text\":\"" +
             text + "\"}\n";
  }
  const Headers type = {{"Content-Type", "application/x-ndjson"}};
  ASSERT_EQ(Client(port).ask("POST", of_tenant("t", "import"), lines, type).status, 200);
}

const std::string kExport = "GET /v1/tenants/t/export HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(Hostile, WhoReadsNothingHoldsNobodyElse) {
  serve({.http = {.heavy = 1}});
  ASSERT_NO_FATAL_FAILURE(import_much(port()));
  auto lazy = std::make_unique<Client>(port());
  lazy->send(kExport);
  EXPECT_EQ(Client(port()).post(of_tenant("t", "memory/get"), {{"id", "m1"}}).status, 200);
  EXPECT_EQ(Client(port()).post(of_tenant("t", "memory/add"), memory("n", "y")).status, 200);
  lazy.reset();  // The export ends with it, or the next one would wait for ever.
  EXPECT_EQ(Client(port()).get(of_tenant("t", "export")).lines().size(), 2002U);
}

TEST_F(Hostile, WhoLeavesBeforeTheAnswerHoldsNobodyElse) {
  serve({.http = {.threads = 1, .heavy = 1}});
  ASSERT_NO_FATAL_FAILURE(import_much(port()));
  // The library looks at its oldest connection first. With another there, it hears that the one
  // with an answer has gone before it asks for the answer.
  Client oldest(port());
  EXPECT_EQ(oldest.get("/health/live").status, 200);
  auto lazy = std::make_unique<Client>(port());
  lazy->send(kExport);
  EXPECT_TRUE(lazy->hears_within(std::chrono::seconds(10)));  // The one thread has it.
  std::vector<std::unique_ptr<Client>> leaving;
  for (int i = 0; i < 3; ++i) {
    leaving.push_back(std::make_unique<Client>(port()));
    leaving.back()->send(kExport);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // They wait for their turn.
  leaving.clear();
  lazy.reset();
  EXPECT_EQ(Client(port()).get(of_tenant("t", "export")).lines().size(), 2001U);
}

}  // namespace
}  // namespace tulving::testing
