// The table of operations over HTTP: every one has a path, arguments and answers are those of the
// table, headers stand for parameters, errors are problems.

#include "tests/serve/served.h"
#include "tools/serve/rest/examples.h"
#include "tools/serve/rest/routes.h"

namespace tulving::testing {
namespace {

using serve::rest::has_path;
using serve::rest::path_of;
using serve::rest::Place;
using serve::rest::takes_lines;

class Rest : public Served {
 protected:
  Rest() { serve(); }
};

TEST_F(Rest, EveryOperationHasAPathOfItsOwn) {
  const serve::rest::Routes routes{{}};
  std::set<std::string> paths;
  for (const Operation& operation : operation_table()) {
    bool has_any = false;
    for (const Place place : {Place::kTenant, Place::kStore}) {
      if (!has_path(operation, place)) continue;
      has_any = true;
      std::string path = path_of(operation, place);
      EXPECT_TRUE(paths.insert(path).second) << path << " is there twice";
      if (const std::size_t at = path.find("{tenant}"); at != std::string::npos) {
        path.replace(at, 8, "a%2Fb");
      }
      const auto route = routes.find(path);
      ASSERT_TRUE(route) << path;
      EXPECT_EQ(route->operation, &operation) << path;
      EXPECT_EQ(route->tenant_id, place == Place::kTenant ? "a/b" : "");
    }
    EXPECT_TRUE(has_any) << operation.name << " has no path";
  }
}

// By what the server answers: 404 with the problem of an unknown path is what no operation may get.
TEST_F(Rest, EveryOperationIsReachable) {
  Client client(port());
  for (const Operation& operation : operation_table()) {
    const Place place = has_path(operation, Place::kTenant) ? Place::kTenant : Place::kStore;
    std::string path = path_of(operation, place);
    if (const std::size_t at = path.find("{tenant}"); at != std::string::npos) {
      path.replace(at, 8, "t");
    }
    const Reply reply = client.ask(
        "POST", path, "[]",
        {{"Content-Type", takes_lines(operation) ? "application/x-ndjson" : "application/json"}});
    if (takes_lines(operation)) {
      EXPECT_EQ(reply.status, 200) << operation.name << reply.body;
    } else {
      EXPECT_EQ(reply.status, 400) << operation.name << reply.body;
      EXPECT_EQ(reply.json()["code"], "invalid_argument") << operation.name;
    }
  }
  EXPECT_EQ(client.post("/v1/tenants/t/memory/nope", Json::object()).status, 404);
}

TEST_F(Rest, TheExamplesOfTheOpenApiDocumentWork) {
  Client client(port());
  const Json document = client.get("/openapi.json").json();
  ASSERT_EQ(document["openapi"], "3.1.0");
  for (const serve::rest::Example& example : serve::rest::examples()) {
    const Operation* operation = find_operation(example.operation);
    ASSERT_NE(operation, nullptr) << example.operation;
    const Place place = has_path(*operation, Place::kTenant) ? Place::kTenant : Place::kStore;
    std::string path = path_of(*operation, place);
    const Json body = document["paths"][path]["post"]["requestBody"]["content"];
    if (const std::size_t at = path.find("{tenant}"); at != std::string::npos) {
      path.replace(at, 8, "acme");
    }
    const bool is_lines = body.contains("application/x-ndjson");
    const Json shown = body[is_lines ? "application/x-ndjson" : "application/json"]["example"];
    const Reply reply =
        client.ask("POST", path, shown.dump(),
                   {{"Content-Type", is_lines ? "application/x-ndjson" : "application/json"}});
    EXPECT_EQ(reply.status, 200) << example.operation << " " << reply.body;
    EXPECT_EQ(reply.body.find("\"problem\""), std::string::npos) << example.operation << reply.body;
  }
}

TEST_F(Rest, TheDocumentHasNoLooseEnds) {
  Client client(port());
  const std::string text = client.get("/openapi.json").body;
  EXPECT_EQ(text.find("$defs"), std::string::npos);
  const Json document = Json::parse(text);
  std::set<std::string> ids;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path << " " << method;
      EXPECT_TRUE(operation["responses"].contains("200")) << path;
    }
  }
  constexpr std::string_view kReference = "\"#/components/";
  for (std::size_t at = 0; (at = text.find(kReference, at)) != std::string::npos; ++at) {
    const std::size_t begin = at + kReference.size();
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(document.contains(Json::json_pointer("/components/" + name))) << name;
  }
}

TEST_F(Rest, AddsFindsAndChangesAMemory) {
  Client client(port());
  const Reply added = client.post(of_tenant("t", "memory/add"), memory("tea", "Ana drinks tea"));
  ASSERT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(added.headers.at("tulving-revision"), "1");
  const Reply found = client.get(of_tenant("t", "search?text=what%20drinks+Ana&k=3&explain=true"));
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.json()["results"][0]["external_id"], "tea");
  EXPECT_TRUE(found.json().contains("plan"));
  const Reply listed =
      client.get(of_tenant("t", "memory/list?filter=%7B%22external_id%22%3A%22tea%22%7D&limit=1"));
  EXPECT_EQ(listed.json()["matching"], 1) << listed.body;
  const Reply touched = client.get(of_tenant("t", "memory/touch?ids=tea"));
  EXPECT_EQ(touched.status, 405) << "GET must change nothing";
  EXPECT_EQ(touched.headers.at("allow"), "POST");
}

TEST_F(Rest, AKeyMakesARetryWriteOnce) {
  Client client(port());
  const Headers key = {{"Idempotency-Key", "k1"}};
  const Json body = {{"memory", {{"text", "once"}, {"memory_type", "conversation"}}}};
  const Reply first = client.post(of_tenant("t", "memory/add"), body, key);
  const Reply again = client.post(of_tenant("t", "memory/add"), body, key);
  EXPECT_EQ(first.json()["id"], again.json()["id"]) << first.body << again.body;
  EXPECT_EQ(again.headers.at("tulving-revision"), "1");
  const Reply other = client.post(of_tenant("t", "memory/add"), body);
  EXPECT_NE(first.json()["id"], other.json()["id"]) << "without a key it is a second one";
  const Reply touch = client.post(of_tenant("t", "memory/touch"), {{"ids", {"x"}}}, key);
  EXPECT_EQ(touch.status, 400) << touch.body;
  EXPECT_EQ(touch.json()["field"], "Idempotency-Key");
}

TEST_F(Rest, AConditionThatDoesNotHoldIs412) {
  Client client(port());
  const Json added = client.post(of_tenant("t", "memory/add"), memory("m", "a")).json();
  const Json patch = {{"id", "m"}, {"patch", {{"priority", 3}}}};
  const std::string update = of_tenant("t", "memory/update");
  EXPECT_EQ(client.post(update, patch, {{"If-Match", "\"99\""}}).status, 412);
  EXPECT_EQ(client.post(update, patch, {{"If-Match", "x"}}).status, 400);
  const Reply done = client.post(update, patch, {{"If-Match", added["revision"].dump()}});
  EXPECT_EQ(done.status, 200) << done.body;
  const Reply none = client.post(of_tenant("t", "memory/get"), {{"id", "m"}}, {{"If-Match", "1"}});
  EXPECT_EQ(none.status, 400) << none.body;
}

TEST_F(Rest, ErrorsAreProblemsWithTheirField) {
  Client client(port());
  const Reply wrong = client.post(of_tenant("t", "search"), {{"text", "x"}, {"k", 0}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(wrong.json()["field"], "k");
  EXPECT_EQ(wrong.json()["status"], 400);
  EXPECT_TRUE(wrong.headers.contains("tulving-revision"));
  const Reply missing = client.post(of_tenant("t", "memory/get"), {{"id", "none"}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.json()["code"], "not_found");
  EXPECT_EQ(client.ask("POST", of_tenant("t", "search"), "{\"text\":").status, 400);
  EXPECT_EQ(Client(port())
                .ask("POST", of_tenant("t", "search"), "x", {{"Content-Type", "text/plain"}})
                .status,
            415);
  EXPECT_EQ(client.get(of_tenant("t", "search?text=%zz")).status, 400);
  const Reply late =
      client.post(of_tenant("t", "search"), {{"text", "x"}}, {{"Tulving-Deadline-Ms", "nan"}});
  EXPECT_EQ(late.json()["field"], "Tulving-Deadline-Ms");
  const Reply other = client.post(of_tenant("t", "search"), {{"tenant_id", "u"}, {"text", "x"}});
  EXPECT_EQ(other.json()["field"], "tenant_id") << "the path says whose it is";
}

TEST_F(Rest, StreamsAreLines) {
  Client client(port());
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    lines += "{\"kind\":\"memory\",\"external_id\":\"m" + number + "\",\"text\":\"memory number " +
             number + "\"}\n\n";
  }
  lines += "{\"kind\":\"memory\",\"priority\":99}\n";
  const Headers type = {{"Content-Type", "application/x-ndjson"}};
  const Reply in = client.ask("POST", of_tenant("t", "import"), lines, type);
  ASSERT_EQ(in.status, 200) << in.body;
  const Json summary = in.lines().back()["answer"];
  EXPECT_EQ(summary["imported"], 3000) << in.body;
  EXPECT_EQ(summary["rejected"], 1);
  EXPECT_EQ(summary["errors"][0]["line"], 6001) << "as the body has it, blank lines counted";

  const Reply out = client.get(of_tenant("t", "export"));
  EXPECT_EQ(out.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(out.lines().size(), 3001U);
  EXPECT_EQ(out.lines().back()["answer"]["records"], 3000);

  const Reply found =
      client.ask("POST", of_tenant("t", "search/batch?k=1"),
                 "{\"query_id\":1,\"text\":\"number 17\"}\n{\"query_id\":2,\"k\":0}", type);
  ASSERT_EQ(found.lines().size(), 3U) << found.body;
  EXPECT_EQ(found.lines()[0]["results"][0]["external_id"], "m17");
  EXPECT_EQ(found.lines()[1]["field"], "k");
  const Reply none = client.get(of_tenant("nobody", "export"));
  EXPECT_EQ(none.status, 404) << none.body;
  const Reply bad = client.ask("POST", of_tenant("t", "import?ack=true&strict=true"), lines, type);
  EXPECT_EQ(bad.status, 400) << bad.body;
}

}  // namespace
}  // namespace tulving::testing
