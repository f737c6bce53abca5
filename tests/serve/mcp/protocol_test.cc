// The protocol over HTTP: both revisions, the headers that mirror a message, what is refused and
// how, and whose memories they are.

#include <fstream>
#include <regex>
#include <sstream>

#include "tests/serve/mcp/mcp_client.h"
#include "tools/serve/mcp/http/endpoint.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class McpHttp : public Mcp {
 protected:
  static int code(const Reply& reply) { return reply.json()["error"].value("code", 0); }
};

TEST_F(McpHttp, HeadersMustSayWhatTheMessageSays) {
  serve();
  const Json list = modern("tools/list");
  EXPECT_EQ(ask(list).status, 200);
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", "tools/call"}, {"Mcp-Method", "\x01"}};
  for (const auto& header : wrong) {
    const Reply reply = ask(list, {header});
    EXPECT_EQ(reply.status, 400) << header.first;
    if (header.second != "\x01") {
      EXPECT_EQ(code(reply), -32020) << reply.body;
    }
  }
  EXPECT_EQ(code(Client(port()).post("/mcp", list)), -32020) << "they are missing";
  const Json call = modern("tools/call", {{"name", "memory_stats"}});
  EXPECT_EQ(ask(call, {{"Mcp-Name", "=?base64?bWVtb3J5X3N0YXRz?="}}).status, 200);
  EXPECT_EQ(code(ask(call, {{"Mcp-Name", "=?base64?bWVtb3J5X3N0YXR?="}})), -32020);
  EXPECT_EQ(code(ask(call, {{"Mcp-Name", "get_memory"}})), -32020);
  EXPECT_EQ(ask(call, {{"Mcp-Name", " memory_stats \t"}}).status, 200) << "blanks are none of it";
  std::string text;
  EXPECT_TRUE(serve::mcp::read_header("=?base64?SGVsbG8sIOS4lueVjA==?=", text));
  EXPECT_EQ(text, "Hello, 世界");
  EXPECT_FALSE(serve::mcp::read_header("=?base64?*?=", text));
  EXPECT_FALSE(serve::mcp::read_header("caf\xC3\xA9", text));
}

TEST_F(McpHttp, RevisionsAreToldApart) {
  serve();
  Json other = modern("tools/list");
  other["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "1900-01-01";
  const Reply unknown = ask(other, {{"MCP-Protocol-Version", "1900-01-01"}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(code(unknown), -32022);
  EXPECT_THAT(unknown.json()["error"]["data"]["supported"].dump(), HasSubstr("2026-07-28"));
  Json lacking = modern("tools/list");
  lacking["params"]["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
  EXPECT_EQ(code(ask(lacking)), -32602);
  EXPECT_EQ(ask(lacking).status, 400);
  lacking["params"].erase("_meta");
  EXPECT_EQ(code(ask(lacking)), -32602) << "the header says which revision it is";
  const Reply none = ask(modern("logging/setLevel"));
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(code(none), -32601);
  EXPECT_EQ(code(ask(modern("initialize"))), -32601);

  Client client(port());
  const Json hello = {{"jsonrpc", "2.0"},
                      {"id", "a"},
                      {"method", "initialize"},
                      {"params",
                       {{"protocolVersion", "2025-11-25"},
                        {"capabilities", Json::object()},
                        {"clientInfo", {{"name", "t"}, {"version", "1"}}}}}};
  const Reply answer = client.post("/mcp", hello);
  EXPECT_EQ(answer.json()["result"]["protocolVersion"], "2025-11-25") << answer.body;
  EXPECT_FALSE(answer.json()["result"].contains("resultType"));
  EXPECT_FALSE(answer.headers.contains("mcp-session-id"));
  Json future = hello;
  future["params"]["protocolVersion"] = "2099-01-01";
  EXPECT_EQ(client.post("/mcp", future).json()["result"]["protocolVersion"], "2025-11-25");
  const Headers old = {{"MCP-Protocol-Version", "2025-11-25"}};
  const Json ping = {{"jsonrpc", "2.0"}, {"id", 2}, {"method", "ping"}};
  EXPECT_EQ(client.post("/mcp", ping, old).json()["result"], Json::object());
  EXPECT_EQ(client.post("/mcp", ping, {{"MCP-Protocol-Version", "1999"}}).status, 400);
  const Json told = {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}};
  const Reply accepted = client.post("/mcp", told, old);
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.body, "");
  const Json unknown_method = {{"jsonrpc", "2.0"}, {"id", 3}, {"method", "nope"}};
  const Reply legacy_unknown = client.post("/mcp", unknown_method, old);
  EXPECT_EQ(legacy_unknown.status, 200);
  EXPECT_EQ(code(legacy_unknown), -32601);
  for (const char* method : {"GET", "DELETE"}) {
    const Reply refused = client.ask(method, "/mcp");
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_EQ(refused.headers.at("allow"), "POST");
  }
}

TEST_F(McpHttp, WhatIsNoMessageIsRefused) {
  serve();
  Client client(port());
  struct Case {
    std::string body;
    int code;
  };
  for (const Case& one :
       std::vector<Case>{{"{", -32700},
                         {"\"\xff\"", -32700},
                         {"[]", -32600},
                         {"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600},
                         {"7", -32600},
                         {"{}", -32600},
                         {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600},
                         {R"({"jsonrpc":"2.0","id":null,"method":"ping"})", -32600},
                         {R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", -32600},
                         {R"({"jsonrpc":"2.0","id":{},"method":"ping"})", -32600},
                         {R"({"jsonrpc":"2.0","id":1,"method":7})", -32600},
                         {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})", -32602}}) {
    const Reply reply = client.ask("POST", "/mcp", one.body);
    EXPECT_EQ(reply.status, 400) << one.body;
    EXPECT_EQ(code(reply), one.code) << one.body << reply.body;
  }
  EXPECT_EQ(client.ask("POST", "/mcp", R"({"jsonrpc":"2.0","id":1,"result":{}})").status, 202);
  const Json unknown = modern("tools/call", {{"name", "nope"}});
  EXPECT_EQ(code(ask(unknown)), -32602);
  EXPECT_EQ(Client(port())
                .post("/mcp", modern("tools/list"), {{"Origin", "https://evil.example"}})
                .status,
            403);
  EXPECT_EQ(Client(port()).post("/mcp/stdio", modern("tools/list")).status, 404)
      << "what needs no headers is for the socket alone";
  EXPECT_EQ(Client(socket_path()).post("/mcp/stdio", modern("tools/list")).status, 200);
}

TEST_F(McpHttp, TheTenantIsTheTokensAndNoArgument) {
  const Headers ana = token("ana", "read,write"), bob = token("bob", "read,write"),
                all = token("*", "admin"), reader = token("ana", "read");
  serve();
  const Json added = call("add_memory", {{"text", "canary of Ana"}}, ana);
  ASSERT_EQ(added["isError"], false) << added;
  const std::string id = added["structuredContent"]["id"];
  EXPECT_THAT(call("search_memories", {{"query", "canary"}}, ana).dump(), HasSubstr("canary of"));
  EXPECT_THAT(call("search_memories", {{"query", "canary"}}, bob).dump(),
              Not(HasSubstr("canary of")));
  for (const char* tool : {"get_memory", "memory_history", "delete_memory", "related_memories"}) {
    const Json result = call(tool, {{"memory_id", id}}, bob);
    EXPECT_EQ(result["isError"], true) << tool << result;
    EXPECT_THAT(result.dump(), Not(HasSubstr("canary of")));
  }
  Headers as_ana = all;
  as_ana.emplace_back("Tulving-Tenant", "ana");
  EXPECT_THAT(call("search_memories", {{"query", "canary"}}, as_ana).dump(),
              HasSubstr("canary of"));
  Headers bob_as_ana = bob;
  bob_as_ana.emplace_back("Tulving-Tenant", "ana");
  EXPECT_EQ(ask(modern("tools/list"), bob_as_ana).status, 403);
  EXPECT_EQ(ask(modern("tools/list")).status, 401);
  const Json refused = call("add_memory", {{"text", "x"}}, reader);
  EXPECT_EQ(refused["isError"], true);
  EXPECT_THAT(refused.dump(), HasSubstr("scope"));
  EXPECT_EQ(call("get_memory", {{"memory_id", id}}, reader)["isError"], false);
  const Json keeper = call("apply_plan", {{"plan_id", "last"}}, ana, "keeper");
  EXPECT_THAT(keeper.dump(), HasSubstr("keeper")) << "it needs that scope";
}

/// What differs from run to run.
std::string settled(std::string text) {
  static const std::regex kId("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const std::regex kTime("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z");
  static const std::regex kScore("score(\\\\?\"): ?[0-9.e-]+");
  text = std::regex_replace(text, kId, "(id)");
  text = std::regex_replace(text, kScore, "score$1:(score)");
  return std::regex_replace(text, kTime, "(time)");
}

// Lines "> MESSAGE" are sent one after another, and what comes is what "< MESSAGE" says. With
// TULVING_WRITE_GOLDEN the files are written anew, to be read by a person.
TEST_F(McpHttp, TranscriptsAreAsTheyWere) {
  const std::filesystem::path folder = TULVING_SOURCE_DIR "/tests/serve/mcp/transcripts";
  int count = 0;
  for (const char* name : {"2025-11-25.txt", "2026-07-28.txt"}) {
    serve();
    std::ifstream in(folder / name);
    std::string written;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("< ")) continue;
      written += line + "\n";
      if (!line.starts_with("> ")) continue;
      const Reply reply = Client(socket_path()).ask("POST", "/mcp/stdio", line.substr(2));
      if (!reply.body.empty()) written += "< " + settled(reply.body) + "\n";
      ++count;
    }
    in.close();
    if (std::getenv("TULVING_WRITE_GOLDEN") != nullptr) std::ofstream(folder / name) << written;
    std::ifstream golden(folder / name);
    std::ostringstream expected;
    expected << golden.rdbuf();
    EXPECT_EQ(written, expected.str()) << name;
    site_.reset();
    std::filesystem::remove(tokens_path());
  }
  EXPECT_GT(count, 15);
}

}  // namespace
}  // namespace tulving::testing
