// A program that speaks to Mem0's open server, under /mem0.

#include "tests/serve/served.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Mem0 : public Served {
 protected:
  Json done(const std::string& method, const std::string& path, const Json& body = {}) {
    const Reply reply =
        Client(port()).ask(method, "/mem0" + path, body.is_null() ? "" : body.dump());
    EXPECT_EQ(reply.status, 200) << method << path << reply.body;
    return reply.json();
  }
  static Json said(const std::string& text) { return {{{"role", "user"}, {"content", text}}}; }
};

TEST_F(Mem0, AProgramOfTheirsFindsWhatItExpects) {
  serve();
  const Json added = done("POST", "/memories",
                          {{"messages",
                            {{{"role", "user"}, {"content", "I drink green tea"}},
                             {{"role", "assistant"}, {"content", "Noted"}}}},
                           {"user_id", "ana"},
                           {"run_id", "monday"},
                           {"metadata", {{"category", "drinks"}}}});
  ASSERT_EQ(added["results"].size(), 2U);
  EXPECT_EQ(added["results"][0]["event"], "ADD");
  const std::string id = added["results"][0]["id"];
  const Json found = done("POST", "/search", {{"query", "green tea"}, {"user_id", "ana"}});
  EXPECT_EQ(found["results"][0]["memory"], "I drink green tea");
  EXPECT_EQ(found["results"][0]["metadata"], (Json{{"category", "drinks"}, {"role", "user"}}));
  EXPECT_GT(found["results"][0]["score"], 0);
  EXPECT_EQ(done("POST", "/search", {{"query", "tea"}, {"user_id", "ben"}})["results"].size(), 0U);
  const Json by_filter = {{"query", "tea"}, {"filters", {{"category", "drinks"}}}};
  EXPECT_GE(done("POST", "/search", by_filter)["results"].size(), 1U);
  EXPECT_EQ(done("GET", "/memories?user_id=ana&run_id=monday")["results"].size(), 2U);
  EXPECT_EQ(done("GET", "/memories?user_id=ana&limit=1")["results"].size(), 1U);
  EXPECT_EQ(done("GET", "/memories/" + id)["run_id"], "monday");
  EXPECT_EQ(done("PUT", "/memories/" + id, {{"text", "I drink coffee"}})["message"],
            "Memory updated successfully!");
  EXPECT_EQ(done("DELETE", "/memories/" + id)["message"], "Memory deleted successfully!");
  EXPECT_TRUE(done("GET", "/memories/" + id).is_null());
  const Json history = done("GET", "/memories/" + id + "/history");
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[1]["old_memory"], "I drink green tea");
  EXPECT_EQ(history[1]["new_memory"], "I drink coffee");
  EXPECT_EQ(history[2]["event"], "DELETE");
  done("DELETE", "/memories?user_id=ana");
  EXPECT_EQ(done("GET", "/memories?user_id=ana")["results"].size(), 0U);
  done("POST", "/memories", {{"messages", "I am Ben"}, {"agent_id", "helper"}});
  done("POST", "/reset");
  EXPECT_EQ(site_->store().stats().memories, 0U);
}

TEST_F(Mem0, WrongCallsAndPathsAreRefused) {
  serve();
  const auto status = [&](const std::string& method, const std::string& path,
                          const std::string& body = "") {
    return Client(port()).ask(method, "/mem0" + path, body).status;
  };
  EXPECT_EQ(status("POST", "/memories", "{\"messages\":[]}"), 400);
  EXPECT_EQ(status("POST", "/memories", "[]"), 400);
  EXPECT_EQ(status("POST", "/memories", "{\"messages\":7,\"user_id\":\"a\"}"), 400);
  EXPECT_EQ(status("GET", "/memories"), 400);
  EXPECT_EQ(status("DELETE", "/memories"), 400);
  EXPECT_EQ(status("GET", "/memories?user_id=a&limit=0"), 400);
  EXPECT_EQ(status("GET", "/memories/none"), 200) << "as theirs: null";
  EXPECT_EQ(status("PUT", "/memories/none", "{\"text\":\"x\"}"), 404);
  EXPECT_EQ(status("PUT", "/memories/none", "{}"), 400);
  EXPECT_EQ(status("PATCH", "/memories/none", "{}"), 405);
  EXPECT_EQ(status("GET", "/search"), 405);
  EXPECT_EQ(status("GET", "/nothing"), 404);
  EXPECT_EQ(status("GET", "/memories/a/b"), 404);
}

TEST_F(Mem0, TenantsAndScopesAreThoseOfTheToken) {
  const Headers ana = token("ana", "read,write"), bob = token("bob", "read,write");
  serve();
  const Json body = {{"messages", said("canary of Ana")}, {"user_id", "u"}};
  const Reply added = Client(port()).post("/mem0/memories", body, ana);
  ASSERT_EQ(added.status, 200) << added.body;
  const std::string id = added.json()["results"][0]["id"];
  const Json query = {{"query", "canary"}, {"user_id", "u"}};
  EXPECT_THAT(Client(port()).post("/mem0/search", query, ana).body, HasSubstr("canary of"));
  for (const std::string& path : {std::string("/mem0/memories?user_id=u"), "/mem0/memories/" + id,
                                  "/mem0/memories/" + id + "/history"}) {
    EXPECT_THAT(Client(port()).get(path, ana).body, HasSubstr("canary of")) << path;
    EXPECT_THAT(Client(port()).get(path, bob).body, Not(HasSubstr("canary of"))) << path;
  }
  EXPECT_THAT(Client(port()).post("/mem0/search", query, bob).body, Not(HasSubstr("canary of")));
  Headers as_ana = bob;
  as_ana.emplace_back("Tulving-Tenant", "ana");
  EXPECT_EQ(Client(port()).post("/mem0/search", query, as_ana).status, 403);
  EXPECT_EQ(Client(port()).ask("POST", "/mem0/reset", "", ana).status, 403) << "it erases";
  EXPECT_EQ(Client(port()).post("/mem0/search", query).status, 401);
}

}  // namespace
}  // namespace tulving::testing
