// What an operator reads: health, version, metrics.

#include <sys/socket.h>

#include "tests/serve/served.h"
#include "tools/serve/metrics/metrics.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The value of a row; -1: there is none.
double row(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST_F(Served, MetricsCountOperationsByWhatCameOfThem) {
  serve();
  Client client(port());
  for (int i = 0; i < 3; ++i) {
    client.post(of_tenant("secret-tenant", "memory/add"),
                memory("m" + std::to_string(i), "words of a memory " + std::to_string(i)));
  }
  client.post(of_tenant("secret-tenant", "memory/get"), {{"id", "none"}});
  client.get("/v1/nothing");
  const Reply reply = client.get("/metrics");
  EXPECT_THAT(reply.headers.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  const std::string& text = reply.body;
  EXPECT_EQ(row(text, "tulving_memories"), 3) << text;
  EXPECT_EQ(row(text, "tulving_ready"), 1);
  EXPECT_EQ(row(text, "tulving_revision"), 3);
  EXPECT_EQ(row(text, "tulving_index_rows_pending"), 0);
  EXPECT_GE(row(text, "tulving_durable_revision_lag"), 0);
  const std::string added = "{operation=\"memory.add\",result=\"ok\"";
  EXPECT_EQ(row(text, "tulving_operation_seconds_count" + added + "}"), 3) << text;
  EXPECT_EQ(row(text, "tulving_operation_seconds_bucket" + added + ",le=\"+Inf\"}"), 3);
  EXPECT_GT(row(text, "tulving_operation_seconds_sum" + added + "}"), 0);
  EXPECT_EQ(row(text,
                "tulving_operation_seconds_count{operation=\"memory.get\",result=\"not_"
                "found\"}"),
            1);
  EXPECT_EQ(row(text, "tulving_requests_refused_total{status=\"404\"}"), 1);
  EXPECT_THAT(text, Not(HasSubstr("secret-tenant"))) << "no tenants unless asked for";
  EXPECT_THAT(text, Not(HasSubstr("words of")));
}

TEST_F(Served, MetricsShowTenantsWhereAskedTo) {
  serve({.gateway = {.metrics_by_tenant = true}});
  Client client(port());
  client.post(of_tenant("a%22b", "memory/add"), memory("m", "x"));
  EXPECT_EQ(row(client.get("/metrics").body, "tulving_tenant_memories{tenant=\"a\\\"b\"}"), 1);
}

TEST(Metrics, BucketsAreCumulative) {
  serve::Metrics metrics;
  const Operation& get = *find_operation("memory.get");
  for (const int us : {10, 60, 60, 3000, 9'000'000}) {
    metrics.count(get, nullptr, std::chrono::microseconds(us));
  }
  const std::string text = metrics.exposition({});
  const auto bucket = [&](const std::string& bound) {
    return row(text,
               "tulving_operation_seconds_bucket{operation=\"memory.get\",result=\"ok\",le=\"" +
                   bound + "\"}");
  };
  EXPECT_EQ(bucket("5e-05"), 1) << text;
  EXPECT_EQ(bucket("0.0001"), 3);
  EXPECT_EQ(bucket("0.005"), 4);
  EXPECT_EQ(bucket("5"), 4);
  EXPECT_EQ(bucket("+Inf"), 5);
}

TEST_F(Served, TheVersionIsTold) {
  serve();
  Client client(port());
  EXPECT_EQ(client.get("/version").json()["version"], "0.0.test");
  EXPECT_EQ(client.ask("HEAD", "/health/live").status, 405);
  EXPECT_EQ(client.get("/").status, 404);
}

}  // namespace
}  // namespace tulving::testing
