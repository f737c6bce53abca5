#include "tests/serve/mcp/mcp_client.h"

#include "tests/operations/schema_check.h"

namespace tulving::testing {

Json modern(const std::string& method, Json params) {
  params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                     {"io.modelcontextprotocol/clientInfo", {{"name", "t"}, {"version", "1"}}},
                     {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
  return {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
}

Reply Mcp::ask(Json message, const Headers& headers, const std::string& profile) {
  Headers all = headers;
  const auto add = [&](const std::string& name, const std::string& value) {
    for (const auto& header : headers) {
      if (header.first == name) return;
    }
    if (!value.empty()) all.emplace_back(name, value);
  };
  add("MCP-Protocol-Version", "2026-07-28");
  add("Mcp-Method", message.value("method", ""));
  if (message.contains("params")) {
    const Json& params = message["params"];
    add("Mcp-Name", params.value(params.contains("uri") ? "uri" : "name", ""));
  }
  const std::string target = profile.empty() ? "/mcp" : "/mcp?profile=" + profile;
  return Client(port()).ask("POST", target, message.dump(), all);
}

Json Mcp::call(const std::string& tool, const Json& arguments, const Headers& headers,
               const std::string& profile) {
  const Reply reply =
      ask(modern("tools/call", {{"name", tool}, {"arguments", arguments}}), headers, profile);
  EXPECT_EQ(reply.status, 200) << reply.body;
  const Json result = reply.json().value("result", Json::object());
  EXPECT_EQ(result.value("resultType", ""), "complete") << reply.body;
  return result;
}

Json Mcp::tools(const std::string& profile) {
  return ask(modern("tools/list"), {}, profile).json()["result"]["tools"];
}

Json Mcp::done(const std::string& tool, const Json& arguments, const std::string& profile) {
  const Json result = call(tool, arguments, {}, profile);
  EXPECT_EQ(result.value("isError", true), false) << tool << arguments << result;
  for (const Json& one : tools(profile)) {
    if (one["name"] != tool) continue;
    EXPECT_EQ(schema_fault(one["outputSchema"], one["outputSchema"], result["structuredContent"]),
              "")
        << tool << result["structuredContent"];
    EXPECT_EQ(schema_fault(one["inputSchema"], one["inputSchema"], arguments), "") << tool;
  }
  return result.value("structuredContent", Json());
}

Json Mcp::failed(const std::string& tool, const Json& arguments, const std::string& profile) {
  const Json result = call(tool, arguments, {}, profile);
  EXPECT_EQ(result.value("isError", false), true) << tool << arguments << result;
  EXPECT_FALSE(result.contains("structuredContent"));
  return Json::parse(result["content"][0].value("text", ""), nullptr, false);
}

}  // namespace tulving::testing
