// Who may do what: tokens, their tenants and scopes, names and sites, rates. Each refusal stands
// beside the same request of somebody who may.

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/serve/served.h"
#include "tools/serve/auth/rate_limit.h"
#include "tools/serve/auth/token_file.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Served with tokens on TCP.
class Auth : public Served {
 protected:
  Auth() { root_ = token("*", "admin"); }

  static int status(std::uint16_t port, const std::string& target, const Json& body,
                    const Headers& headers) {
    return Client(port).post(target, body, headers).status;
  }
  Headers root_;
};

TEST_F(Auth, NothingIsSaidWithoutAToken) {
  serve();
  const std::string search = of_tenant("t", "search");
  const Json body = {{"text", "x"}};
  Reply reply = Client(port()).post(search, body);
  EXPECT_EQ(reply.status, 401);
  EXPECT_THAT(reply.headers["www-authenticate"], HasSubstr("Bearer"));
  EXPECT_EQ(status(port(), search, body, root_), 200);
  EXPECT_EQ(status(port(), search, body, {{"Authorization", "Bearer tlv_000000000000_00"}}), 401);
  std::string almost = root_[0].second;
  almost.back() = almost.back() == '0' ? '1' : '0';
  EXPECT_EQ(status(port(), search, body, {{"Authorization", almost}}), 401);
  EXPECT_EQ(status(port(), search, body, {{"Authorization", "Basic " + almost.substr(7)}}), 401);
  Headers twice = root_;
  twice.push_back(root_[0]);
  EXPECT_EQ(status(port(), search, body, twice), 401);
  EXPECT_EQ(Client(port()).get("/metrics").status, 401);
  EXPECT_EQ(Client(port()).get("/metrics", root_).status, 200);
  for (const char* open : {"/health/live", "/health/ready", "/version", "/openapi.json"}) {
    EXPECT_EQ(Client(port()).get(open).status, 200) << open;
  }
}

TEST_F(Auth, ATokenInAQueryIsRefused) {
  serve();
  const std::string secret = root_[0].second.substr(7);
  const Reply reply = Client(port()).get(of_tenant("t", "search?text=x&access_token=" + secret));
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, Not(HasSubstr(secret)));
  EXPECT_EQ(Client(port()).get(of_tenant("t", "search?text=" + secret), root_).status, 400);
  EXPECT_EQ(Client(port()).get(of_tenant("t", "search?text=x"), root_).status, 200);
}

TEST_F(Auth, ATokenOfOneTenantSeesNoOther) {
  serve();
  const Headers ana = token("ana", "read,write,keeper,admin"), bob = token("bob", "read");
  Client client(port());
  ASSERT_EQ(client.post(of_tenant("ana", "memory/add"), memory("m", "canary of Ana"), ana).status,
            200);
  const std::string id =
      client.post(of_tenant("ana", "memory/get"), {{"id", "m"}}, ana).json()["id"];
  struct Asked {
    std::string path;
    Json body;
  };
  const std::vector<Asked> asked = {{"search", {{"text", "canary"}}},
                                    {"memory/get", {{"id", id}}},
                                    {"memory/list", Json::object()},
                                    {"memory/history", {{"id", id}}},
                                    {"related", {{"id", id}}},
                                    {"export", Json::object()},
                                    {"memory/values", {{"field", "summary"}}}};
  for (const Asked& one : asked) {
    const Reply own = client.post(of_tenant("ana", one.path), one.body, ana);
    EXPECT_EQ(own.status, 200) << one.path << own.body;
    const Reply foreign = client.post(of_tenant("ana", one.path), one.body, bob);
    EXPECT_EQ(foreign.status, 403) << one.path;
    EXPECT_THAT(foreign.body, Not(HasSubstr("canary")));
    const Reply within = client.post(of_tenant("bob", one.path), one.body, bob);
    EXPECT_THAT(within.body, Not(HasSubstr("canary"))) << one.path;
  }
  EXPECT_THAT(client.post(of_tenant("ana", "export"), Json::object(), ana).body,
              HasSubstr("canary"));
  EXPECT_THAT(client.post(of_tenant("ana", "memory/values"), {{"field", "summary"}}, ana).body,
              HasSubstr("canary"));
  // A line may not name another tenant than the path.
  const Headers lines = {{"Content-Type", "application/x-ndjson"}, root_[0]};
  const Reply in = client.ask("POST", of_tenant("bob", "import"),
                              R"({"kind":"memory","tenant_id":"ana","text":"planted"})", lines);
  EXPECT_EQ(in.lines().back()["answer"]["rejected"], 1) << in.body;
  const Reply query = client.ask("POST", of_tenant("bob", "search/batch"),
                                 R"({"query_id":1,"tenant_id":"ana","text":"canary"})", lines);
  EXPECT_THAT(query.body, Not(HasSubstr("canary of"))) << query.body;
  // What is about the store is about all tenants.
  for (const char* path : {"/v1/store/tenants", "/v1/store/stats", "/v1/store/export"}) {
    EXPECT_EQ(client.post(path, Json::object(), root_).status, 200) << path;
  }
  EXPECT_EQ(client.post("/v1/store/tenants", Json::object(), ana).status, 403);
  const Reply export_all = client.post("/v1/store/export", Json::object(), bob);
  EXPECT_THAT(export_all.body, Not(HasSubstr("canary"))) << export_all.body;
  EXPECT_EQ(client.get("/metrics", ana).status, 403);
}

TEST_F(Auth, ScopesAreThoseOfTheOperation) {
  serve();
  const Headers reader = token("t", "read"), writer = token("t", "read,write"),
                keeper = token("t", "read,keeper"), admin = token("t", "admin");
  struct Case {
    std::string path;
    Json body;
    bool read, write, keep;
  };
  const std::vector<Case> cases = {
      {"search", {{"text", "x"}}, true, true, true},
      {"search", {{"text", "x"}, {"touch", true}}, false, true, false},
      {"memory/add", memory("m", "text"), false, true, false},
      {"consolidate", {{"dry_run", true}}, true, true, true},
      {"consolidate", Json::object(), false, false, true},
      {"consolidate", {{"dry_run", true}, {"vault", "/tmp/v"}}, false, false, false},
      {"memory/forget", {{"ids", {"m"}}}, false, true, false},
      {"memory/erase", {{"ids", {"m"}}}, false, false, false},
      {"tracker/export", {{"file", "/tmp/f"}}, false, false, false}};
  Client client(port());
  client.post(of_tenant("t", "memory/add"), memory("m", "text"), root_);
  for (const Case& one : cases) {
    const auto may = [&](const Headers& who) {
      return client.post(of_tenant("t", one.path), one.body, who).status != 403;
    };
    EXPECT_EQ(may(reader), one.read) << one.path << one.body;
    EXPECT_EQ(may(writer), one.write) << one.path << one.body;
    EXPECT_EQ(may(keeper), one.keep) << one.path << one.body;
    if (one.path != "tracker/export") {
      EXPECT_TRUE(may(admin)) << one.path << one.body;
    }
  }
}

TEST_F(Auth, TokensEndAndAreTakenBack) {
  const Headers old = token("t", "read", system_now() - std::chrono::seconds(1));
  const Headers good = token("t", "read", system_now() + std::chrono::hours(1));
  serve();
  const std::string search = of_tenant("t", "search");
  EXPECT_EQ(status(port(), search, {{"text", "x"}}, old), 401);
  EXPECT_EQ(status(port(), search, {{"text", "x"}}, good), 200);
  // The file goes, and the door stays shut.
  std::filesystem::remove(tokens_path());
  ASSERT_TRUE(site_->reload());
  EXPECT_EQ(status(port(), search, {{"text", "x"}}, good), 401);
  EXPECT_EQ(status(port(), search, {{"text", "x"}}, {}), 401);
}

TEST_F(Auth, TheFileHoldsNoSecretAndIsItsOwnersAlone) {
  const std::string presented = root_[0].second.substr(7);
  const std::string text = contents(tokens_path());
  EXPECT_THAT(text, HasSubstr(presented.substr(4, 12)));
  EXPECT_THAT(text, Not(HasSubstr(presented.substr(17))));
  struct stat info {};
  ASSERT_EQ(stat(tokens_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_TRUE(serve::auth::read_tokens(tokens_path()));
  ASSERT_EQ(chmod(tokens_path().c_str(), 0644), 0);
  EXPECT_FALSE(serve::auth::read_tokens(tokens_path()));
  ASSERT_EQ(chmod(tokens_path().c_str(), 0600), 0);
  for (const char* broken :
       {"", "{", "{\"tokens\":[{}]}", "{\"tokens\":[{\"id\":\"a\"}]}",
        R"({"tokens":[{"id":"a","tenant":"t","sha256":"00","scope":"read"}]})"}) {
    std::ofstream(tokens_path()) << broken;
    EXPECT_FALSE(serve::auth::read_tokens(tokens_path())) << broken;
  }
}

TEST_F(Served, OnlyTokensOpenTheDoorBeyondLoopback) {
  auto store = Store::open_in_memory();
  ASSERT_TRUE(store);
  const serve::SiteOptions far{.host = "0.0.0.0", .port = 0, .tokens = tokens_path()};
  auto refused = serve::Site::start(Service(*std::move(store)), far);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("token create"));
  token("*", "admin");
  auto again = Store::open_in_memory();
  EXPECT_TRUE(serve::Site::start(Service(*std::move(again)), far));
}

TEST_F(Served, TheOwnerNeedsNoTokenOnTheSocket) {
  const Headers ana = token("ana", "read");
  serve();
  const Json body = {{"text", "x"}};
  EXPECT_EQ(Client(socket_path()).post(of_tenant("t", "search"), body).status, 200);
  EXPECT_EQ(Client(socket_path()).post(of_tenant("t", "search"), body, ana).status, 403);
  EXPECT_EQ(Client(port()).post(of_tenant("t", "search"), body).status, 401);
  struct stat info {};
  ASSERT_EQ(stat(socket_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(Served, NamesAndSitesOfOthersAreRefused) {
  serve({.gateway = {.hosts = {.hosts = {"memory.lan"}, .origins = {"https://app.example"}}}});
  const auto status = [&](const Headers& headers) {
    return Client(port()).get("/health/live", headers).status;
  };
  for (const char* host : {"localhost", "127.0.0.1:80", "[::1]:7437", "LOCALHOST", "memory.lan"}) {
    EXPECT_EQ(status({{"Host", host}}), 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "", "127.0.0.1.evil:80"}) {
    EXPECT_EQ(status({{"Host", host}}), 403) << host;
  }
  for (const char* origin : {"http://localhost:3000", "https://app.example", "http://127.0.0.1"}) {
    EXPECT_EQ(status({{"Origin", origin}}), 200) << origin;
  }
  for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example",
                             "https://app.example.evil"}) {
    EXPECT_EQ(status({{"Origin", origin}}), 403) << origin;
  }
}

TEST_F(Auth, PagesOfSitesThatAreLetInMayReadAnswers) {
  serve({.gateway = {.hosts = {.origins = {"https://app.example"}}}});
  const Headers from = {{"Origin", "https://app.example"}};
  const std::string path = of_tenant("t", "search");
  const Reply first = Client(port()).ask("OPTIONS", path, "", from);
  EXPECT_EQ(first.status, 204) << "without a token";
  EXPECT_THAT(first.headers.at("access-control-allow-headers"), HasSubstr("Authorization"));
  Headers asked = root_;
  asked.push_back(from[0]);
  for (const char* what : {"search", "export", "memory/list"}) {
    const Reply reply = Client(port()).post(of_tenant("t", what), Json::object(), asked);
    EXPECT_EQ(reply.headers.at("access-control-allow-origin"), "https://app.example") << what;
  }
  EXPECT_EQ(
      Client(port()).post(path, {{"text", "x"}}, from).headers.at("access-control-allow-origin"),
      "https://app.example")
      << "a refusal, too";
  const Headers local = {{"Origin", "http://localhost:3000"}};
  EXPECT_FALSE(
      Client(port()).get("/version", local).headers.contains("access-control-allow-origin"));
  EXPECT_EQ(Client(port()).ask("OPTIONS", path, "", local).status, 401);
  EXPECT_EQ(Client(port()).ask("OPTIONS", path, "", {{"Origin", "https://evil.example"}}).status,
            403);
}

TEST_F(Auth, WhoAsksTooOftenWaits) {
  const Headers a = token("t", "read"), b = token("t", "read");
  serve({.gateway = {.rate = 2}});
  Client client(port());
  int refused = 0;
  Reply last;
  for (int i = 0; i < 12; ++i) {
    const Reply reply = client.get(of_tenant("t", "search?text=x"), a);
    if (reply.status != 429) continue;
    ++refused;
    last = reply;
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(last.headers["retry-after"], "1");
  EXPECT_EQ(client.get(of_tenant("t", "search?text=x"), b).status, 200) << "each by itself";
}

TEST(RateLimit, ABucketFillsBySoManyASecond) {
  serve::auth::RateLimit limit(10);
  const auto start = std::chrono::steady_clock::time_point();
  int let_in = 0;
  for (int ms = 0; ms < 10'000; ++ms) {
    if (!limit.take("a", start + std::chrono::milliseconds(ms))) ++let_in;
  }
  EXPECT_NEAR(let_in, 20 + 100, 1);
  serve::auth::RateLimit none(0);
  EXPECT_FALSE(none.take("a", start));
}

}  // namespace
}  // namespace tulving::testing
