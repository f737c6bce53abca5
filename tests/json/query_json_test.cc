// A query line is read by the rules of every other JSON: nothing ignored, nothing twice, numbers as
// they are written. And JSON is taken apart without loss.

#include <gmock/gmock.h>

#include "tulving/json.h"
#include "tulving/json_members.h"

namespace tulving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ParseQuery, ReadsEveryMember) {
  const auto query = parse_query(
      R"({"query_id": "q\u0031", "tenant_id": "t", "text": "tea", "vector": [1, 0.1, -2e-3],
          "model": "m", "k": 7, "filter": {"metadata.order": 12345678901234567890123},
          "mode": "hybrid"})");

  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->query_id, R"("q\u0031")");
  EXPECT_EQ(query->tenant_id, "t");
  EXPECT_EQ(query->text, "tea");
  EXPECT_THAT(*query->vector, ElementsAre(1.0F, 0.1F, -2e-3F));
  EXPECT_EQ(query->model, "m");
  EXPECT_EQ(query->k, 7U);
  EXPECT_EQ(query->mode, SearchMode::kHybrid);
  ASSERT_TRUE(query->filter);
  EXPECT_EQ(std::get<MetadataEquals>(query->filter->node).value, "12345678901234567890123");
}

TEST(ParseQuery, TakesNullForWhatIsNotGiven) {
  const auto query = parse_query(
      R"({"query_id": 12345678901234567890, "tenant_id": null, "text": null, "vector": null,
          "model": null, "k": null, "filter": null, "mode": null})");

  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->query_id, "12345678901234567890");
  EXPECT_EQ(query->tenant_id, "");
  EXPECT_FALSE(query->text || query->vector || query->model || query->k || query->filter ||
               query->mode);
}

TEST(ParseQuery, RefusesWhatItDoesNotUnderstandAndNamesIt) {
  const struct {
    std::string json, field, message;
  } cases[] = {
      {"", "", "the query is not valid JSON"},
      {"[]", "", "must be a JSON object"},
      {R"({"text": "x"})", "query_id", "query_id is missing"},
      {R"({"query_id": null})", "query_id", "must be a string or a number"},
      {R"({"query_id": {"a": 1}})", "query_id", "must be a string or a number"},
      {R"({"query_id": 1, "text": 3})", "text", "must be a string"},
      {R"({"query_id": 1, "k": -1})", "k", "k is -1; must be an integer"},
      {R"({"query_id": 1, "k": 1.5})", "k", "must be an integer"},
      {R"({"query_id": 1, "k": 99999999999999999999})", "k", "must be an integer"},
      {R"({"query_id": 1, "vector": [1, 1e400]})", "vector", "must be a number of at most"},
      {R"({"query_id": 1, "mode": "psychic"})", "mode", "must be one of auto, hybrid"},
      {R"({"query_id": 1, "filter": []})", "filter", "must be an object"},
      {R"({"query_id": 1, "filter": {"colour": 1}})", "colour", "unknown field"},
      {R"({"query_id": 1, "top_k": 3})", "top_k", "unknown field \"top_k\""},
      {R"({"query_id": 1, "text": "a", "te\u0078t": "b"})", "text", "text is given twice"},
      {R"({"query_id": 1, "tenant_id": "a", "tenant_id": "b"})", "tenant_id", "given twice"},
      {R"({"query_id": 1, "tenant_id": null, "tenant_id": "b"})", "tenant_id", "given twice"},
      {R"({"query_id": 1, "tenant_id": "a", "ten\u0061nt_id": "a"})", "tenant_id", "given twice"},
      {R"({"query_id": 1, "query_id": 2})", "query_id", "query_id is given twice"},
      {R"({"query_id": 1, "filter": {"not": {}, "not": {}}})", "not", "not is given twice"},
  };
  for (const auto& bad : cases) {
    const auto query = parse_query(bad.json);

    ASSERT_FALSE(query) << bad.json;
    EXPECT_EQ(query.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(query.error().field, bad.field) << bad.json;
    EXPECT_THAT(query.error().message, HasSubstr(bad.message)) << bad.json;
  }
}

TEST(JsonMembers, KeepsWhatIsWritten) {
  const auto members =
      json_members("it", R"( {"a" : 1e400, "b":{ "c": [1.10] } , "\u0061": "x\n", "d":null} )");

  ASSERT_TRUE(members);
  std::vector<std::string> seen;
  for (const auto& [name, value] : *members) seen.push_back(name + "=" + value);
  EXPECT_THAT(seen, ElementsAre("a=1e400", R"(b={ "c": [1.10] })", R"(a="x\n")", "d=null"));
  EXPECT_FALSE(json_members("it", "[1]"));
  EXPECT_THAT(json_members("--set", "{").error().message, HasSubstr("--set is not valid JSON"));
}

TEST(JsonMembers, ShowStringsBare) {
  EXPECT_EQ(json_shown(R"("caf\u00e9 \"x\"")"), "café \"x\"");
  EXPECT_EQ(json_shown("12345678901234567890123"), "12345678901234567890123");
  EXPECT_EQ(json_shown("[1, 2]"), "[1, 2]");
}

TEST(PeekJsonMember, FindsTheFirstScalarOfTheOutermostObject) {
  EXPECT_EQ(peek_json_member(R"({"x": {"kind": "a"}, "kind": "memory"})", "kind"), "\"memory\"");
  EXPECT_EQ(peek_json_member(R"({"kind": 1, "kind": 2})", "kind"), "1");
  EXPECT_EQ(peek_json_member(R"({"x": 1e400, "kind": "memory", "y": )", "kind"), "\"memory\"");
  EXPECT_EQ(peek_json_member("{\"kind\": \"memory\", \"y\": \"\xFF\"}", "kind"), "\"memory\"");
  EXPECT_EQ(peek_json_member(R"(["kind", "memory"])", "kind"), std::nullopt);
  EXPECT_EQ(peek_json_member(R"({"kind": ["memory"]})", "kind"), std::nullopt);
  EXPECT_EQ(peek_json_member(R"([{"kind": "memory"}])", "kind"), std::nullopt);
  EXPECT_EQ(peek_json_member("", "kind"), std::nullopt);
}

TEST(CheckJson, NamesWhatIsNone) {
  EXPECT_TRUE(check_json("--metadata", R"({"a": 1e400})"));
  for (const char* bad : {"", "{", "1, 2", "{} {}", R"("\u0000")"}) {
    const Status status = check_json("--metadata", bad);
    ASSERT_FALSE(status) << bad;
    EXPECT_THAT(status.error().message, HasSubstr("--metadata is not JSON at byte"));
  }
}

}  // namespace
}  // namespace tulving
