// What the protocol's layer can that no memory tool of ours needs: content of any kind, schemas as
// they are written, input that is asked for in the middle of a call; and what is told before an
// answer.

#include <chrono>
#include <thread>

#include "tests/serve/mcp/fixture/catalog.h"
#include "tests/serve/mcp/mcp_client.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class McpLayer : public Mcp {
 protected:
  McpLayer() {
    serve::SiteOptions options;
    options.gateway.mcp_catalogs = &fixture_catalog;
    serve(std::move(options));
  }
  Json result(const std::string& method, const Json& params) {
    const Reply reply = ask(modern(method, params));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json().value("result", Json::object());
  }
  Json legacy(const std::string& method, const Json& params) {
    const Json message = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
    return Client(port()).post("/mcp", message, {{"MCP-Protocol-Version", "2025-11-25"}}).json();
  }
};

std::vector<Json> events_of(const Reply& reply) {
  std::vector<Json> events;
  constexpr std::string_view kData = "data: ";
  std::size_t at = 0;
  while ((at = reply.body.find(kData, at)) != std::string::npos) {
    at += kData.size();
    events.push_back(Json::parse(reply.body.substr(at, reply.body.find('\n', at) - at)));
  }
  return events;
}

TEST_F(McpLayer, ContentIsWhatATextAnImageASoundAndAResourceAre) {
  const Json mixed = result("tools/call", {{"name", "test_multiple_content_types"}});
  std::vector<std::string> types;
  for (const Json& part : mixed["content"]) types.push_back(part["type"]);
  EXPECT_THAT(types, ElementsAre("text", "image", "resource"));
  EXPECT_EQ(mixed["resultType"], "complete");
  EXPECT_EQ(result("tools/call", {{"name", "test_audio_content"}})["content"][0]["type"], "audio");
  const Json pixel = result("resources/read", {{"uri", "test://static-binary"}});
  EXPECT_EQ(pixel["contents"][0]["mimeType"], "image/png");
  EXPECT_EQ(pixel["cacheScope"], "private");
  const Json data = result("resources/read", {{"uri", "test://template/123/data"}});
  EXPECT_THAT(data["contents"][0].value("text", ""), HasSubstr("\"id\":\"123\""));
  EXPECT_EQ(ask(modern("resources/read", {{"uri", "test://template//data"}})).status, 400);
  EXPECT_EQ(ask(modern("resources/read", {{"uri", "test://template/123/other"}})).status, 400);
  const Json prompt = result("prompts/get", {{"name", "test_prompt_with_embedded_resource"},
                                             {"arguments", {{"resourceUri", "x:y"}}}});
  EXPECT_EQ(prompt["messages"][0]["content"]["resource"]["uri"], "x:y");
}

TEST_F(McpLayer, ASchemaIsShownAsItIsWritten) {
  for (const Json& tool : tools("")) {
    if (tool["name"] != "json_schema_2020_12_tool") continue;
    EXPECT_EQ(tool["inputSchema"]["$defs"]["address"]["$anchor"], "addressDef");
    EXPECT_TRUE(tool["inputSchema"].contains("if"));
    EXPECT_FALSE(tool.contains("outputSchema"));
    return;
  }
  FAIL() << "there is no such tool";
}

TEST_F(McpLayer, InputIsAskedForAndComesWithTheNextCall) {
  Json call = {{"name", "test_input_required_result_multi_round"}, {"arguments", Json::object()}};
  std::string state;
  for (const char* step : {"step1", "step2"}) {
    const Json asked = result("tools/call", call);
    EXPECT_EQ(asked["resultType"], "input_required") << asked;
    EXPECT_TRUE(asked["inputRequests"].contains(step)) << asked;
    EXPECT_NE(asked["requestState"], state);
    state = asked["requestState"];
    call["requestState"] = state;
    call["inputResponses"] = {{step, {{"action", "accept"}, {"content", {{"name", "Ana"}}}}}};
  }
  EXPECT_EQ(result("tools/call", call)["resultType"], "complete");
  call["requestState"] = state + "x";
  EXPECT_EQ(ask(modern("tools/call", call)).json()["error"]["code"], -32602);
  const Json prompt = result("prompts/get", {{"name", "test_input_required_result_prompt"}});
  EXPECT_EQ(prompt["resultType"], "input_required");
  // The older ones cannot say that.
  const Json old = legacy("tools/call", {{"name", "test_input_required_result_elicitation"}});
  EXPECT_EQ(old["error"]["code"], -32600) << old;
  const Reply lacks = ask(modern("tools/call", {{"name", "test_missing_capability"}}));
  EXPECT_EQ(lacks.status, 400);
  EXPECT_EQ(lacks.json()["error"]["data"]["requiredCapabilities"],
            Json({{"sampling", Json::object()}}));
}

TEST_F(McpLayer, WhoeverAsksIsToldHowFarItIs) {
  Json message = modern("tools/call", {{"name", "test_tool_with_progress"}});
  message["params"]["_meta"]["progressToken"] = "t\"1";
  const Headers events = {{"Accept", "application/json, text/event-stream"}};
  const Reply reply = ask(message, events);
  EXPECT_EQ(reply.headers.at("content-type"), "text/event-stream");
  const std::vector<Json> told = events_of(reply);
  ASSERT_EQ(told.size(), 4U) << reply.body;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(told[i]["method"], "notifications/progress");
    EXPECT_EQ(told[i]["params"],
              Json({{"progressToken", "t\"1"}, {"progress", 50 * i}, {"total", 100}}));
  }
  EXPECT_EQ(told[3]["id"], 1);
  EXPECT_EQ(told[3]["result"]["resultType"], "complete");
  // A document where the client takes no events, or does not ask.
  EXPECT_EQ(ask(message).json()["id"], 1);
  message["params"]["_meta"].erase("progressToken");
  EXPECT_EQ(ask(message, events).headers.at("content-type"), "application/json");
  message["params"]["_meta"]["progressToken"] = Json::array();
  EXPECT_EQ(ask(message, events).headers.at("content-type"), "application/json");
}

TEST_F(McpLayer, ACallIsToldWhenItsClientHasGone) {
  const int before = calls_left();
  {
    Json message = modern("tools/call", {{"name", "long_call"}});
    message["params"]["_meta"]["progressToken"] = 1;
    const std::string body = message.dump();
    Client client(socket_path());
    client.send(
        "POST /mcp/stdio HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_TRUE(client.hears_within(std::chrono::seconds(10)));
  }
  for (int i = 0; i < 1000 && calls_left() == before; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(calls_left(), before + 1);
}

TEST_F(McpLayer, ArgumentsAreCompleted) {
  const auto values = [&](const Json& of, const char* argument, const char* begun) {
    return result("completion/complete",
                  {{"ref", of},
                   {"argument", {{"name", argument}, {"value", begun}}}})["completion"]["values"];
  };
  const Json prompt = {{"type", "ref/prompt"}, {"name", "test_prompt_with_arguments"}};
  EXPECT_EQ(values(prompt, "arg1", "par"), Json({"paris", "park", "party"}));
  EXPECT_EQ(values(prompt, "arg2", "par"), Json::array());
  EXPECT_EQ(values({{"type", "ref/prompt"}, {"name", "test_simple_prompt"}}, "x", ""),
            Json::array());
  for (const Json& of : {Json{{"type", "ref/prompt"}, {"name", "none"}}, Json{{"type", "none"}}}) {
    const Json wrong = {{"ref", of}, {"argument", {{"name", "x"}, {"value", ""}}}};
    EXPECT_EQ(ask(modern("completion/complete", wrong)).json()["error"]["code"], -32602);
  }
}

}  // namespace
}  // namespace tulving::testing
