// What a call's arguments may be, the table says: anything else is refused before anything is done,
// with the operation's name, the parameter's, the value and the rule.

#include "tests/operations/called.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Arguments : public Called {
 protected:
  void expect_refused(std::string_view operation, const std::string& arguments,
                      const std::string& message, const std::string& field) {
    const Error error = refused(operation, arguments);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument) << arguments;
    EXPECT_EQ(error.message, std::string(operation) + ": " + message);
    EXPECT_EQ(error.field, field) << arguments;
  }
};

TEST_F(Arguments, AreOneJsonObject) {
  expect_refused("memory.list", "[]", "the call is an array; must be a JSON object", "");
  expect_refused("memory.list", R"({"tenant_id":)",
                 "the call is not valid JSON at byte 13: the text ends where a value is expected",
                 "");
}

TEST_F(Arguments, AreKnownAndComeOnce) {
  expect_refused("session.get", R"({"tenant_id":"t","session":"s"})",
                 "there is no parameter \"session\"; it takes tenant_id, session_id", "session");
  expect_refused("store.stats", R"({"tenant_id":"t"})",
                 "there is no parameter \"tenant_id\"; it takes none", "tenant_id");
  expect_refused("memory.list", R"({"tenant_id":"t","limit":1,"limit":1})", "limit is given twice",
                 "limit");
}

TEST_F(Arguments, AreThereWhereTheyAreNeeded) {
  expect_refused("memory.get", R"({"tenant_id":"t"})", "id is missing", "id");
  expect_refused("memory.get", R"({"tenant_id":"t","id":null})", "id is missing", "id");
}

TEST_F(Arguments, AreOfTheirType) {
  expect_refused("memory.get", R"({"tenant_id":1,"id":"x"})", "tenant_id is 1; must be a string",
                 "tenant_id");
  expect_refused("memory.get", R"({"tenant_id":"t","id":"x","with_embeddings":"yes"})",
                 "with_embeddings is \"yes\"; must be true or false", "with_embeddings");
  expect_refused("memory.touch", R"({"tenant_id":"t","ids":"x"})", "ids is \"x\"; must be an array",
                 "ids");
  expect_refused("memory.touch", R"({"tenant_id":"t","ids":["x",7]})", "ids is 7; must be a string",
                 "ids");
  expect_refused("memory.list", R"({"tenant_id":"t","sort":"size"})",
                 "sort is \"size\"; must be created, updated, last_used, priority or decay",
                 "sort");
  expect_refused("consolidate", R"({"tenant_id":"t","agents":["decay","nope"]})",
                 "agents is \"nope\"; must be decay, cluster, merge, promote or relations",
                 "agents");
  expect_refused("job.resume", R"({"tenant_id":"t","id":"x"})", "id is \"x\"; must be a UUID",
                 "id");
  expect_refused("memory.list", R"({"tenant_id":"t","filter":[]})",
                 "filter is []; must be an object", "filter");
  EXPECT_THAT(refused("decay", R"({"tenant_id":"t","now":"soon"})").message,
              StartsWith("decay: now: "));
  EXPECT_THAT(refused("search", R"({"tenant_id":"t","vector":[1,"x"]})").message,
              HasSubstr("vector is \"x\"; must be a number"));
}

TEST_F(Arguments, AreWithinTheirRange) {
  expect_refused("memory.list", R"({"tenant_id":"t","limit":0})", "limit is 0; must be 1..10000",
                 "limit");
  expect_refused("memory.list", R"({"tenant_id":"t","limit":10001})",
                 "limit is 10001; must be 1..10000", "limit");
  expect_refused("memory.list", R"({"tenant_id":"t","limit":1.5})",
                 "limit is 1.5; must be 1..10000", "limit");
  expect_refused("search", R"({"tenant_id":"t","context_weight":1.01})",
                 "context_weight is 1.01; must be 0..1", "context_weight");
  expect_refused("decay", R"({"tenant_id":"t","limit":0})", "limit is 0; must be 1 or more",
                 "limit");
}

TEST_F(Arguments, ARecordIsOfItsKindAndTenant) {
  EXPECT_THAT(refused("memory.add", R"({"tenant_id":"t","memory":{"nope":1}})").message,
              HasSubstr("unknown field \"nope\""));
  EXPECT_THAT(refused("memory.add", R"({"tenant_id":"t","memory":{"kind":"session"}})").message,
              HasSubstr("memory is of kind \"session\"; must be \"memory\""));
  EXPECT_THAT(
      refused("memory.add", R"({"tenant_id":"t","memory":{"tenant_id":"u","text":"x"}})").message,
      HasSubstr("tenant_id is \"t\", and that of the memory is \"u\""));
  EXPECT_THAT(refused("memory.update", R"({"tenant_id":"t","id":"x","patch":{"id":"y"}})").message,
              HasSubstr("unknown field \"id\""));
}

TEST_F(Arguments, VectorsMayComeAsFloats) {
  const std::vector<float> values = {1, 0.25F};
  const std::vector<NamedVector> vectors = {{"vector", values}};
  ask("memory.add", {{"tenant_id", "t"}, {"memory", {{"external_id", "m"}, {"text", "tea"}}}},
      vectors);

  const Json memory =
      ask("memory.get", {{"tenant_id", "t"}, {"id", "m"}, {"with_embeddings", true}});
  const Json found = ask("search", {{"tenant_id", "t"}}, vectors);

  EXPECT_EQ(memory["embedding"], (Json{1, 0.25}));
  EXPECT_EQ(found["results"][0]["external_id"], "m");
  Call call{.operation = "search",
            .arguments = R"({"tenant_id":"t","vector":[1,0]})",
            .vectors = vectors};
  EXPECT_THAT(service_.call({}, call).error().message, HasSubstr("vector is given twice"));
  const std::vector<NamedVector> wrong = {{"text", values}};
  call = {.operation = "search", .arguments = R"({"tenant_id":"t"})", .vectors = wrong};
  EXPECT_THAT(service_.call({}, call).error().message, HasSubstr("there is no vector \"text\""));
}

TEST_F(Arguments, NullIsAsGoodAsNothing) {
  add("m", "tea");

  const Json page = ask("memory.list", {{"tenant_id", "t"}, {"limit", 5}});

  EXPECT_EQ(
      service_
          .call({}, {.operation = "memory.list",
                     .arguments = R"({"tenant_id":"t","limit":5,"filter":null})"})
          ->json,
      service_
          .call({}, {.operation = "memory.list", .arguments = R"({"tenant_id":"t","limit":5})"})
          ->json);
  EXPECT_EQ(page["matching"], 1);
}

TEST_F(Arguments, AnOperationThatIsNotThereIsNotFound) {
  EXPECT_EQ(refused("memory.nope", "{}").code, ErrorCode::kNotFound);
  EXPECT_THAT(refused("export", "{}").message, HasSubstr("it is a stream of lines"));
}

// A caller who is bound to a tenant sees and changes no other's, whatever it names.
TEST_F(Arguments, ABoundCallerSpeaksOfItsTenantAlone) {
  add("m", "mine");
  const Caller mine{"t"};
  const Caller other{"u"};

  const auto own = service_.call(mine, {.operation = "memory.list"});
  const auto none = service_.call(other, {.operation = "memory.list"});

  EXPECT_EQ(Json::parse(own->json)["matching"], 1);
  EXPECT_EQ(Json::parse(none->json)["matching"], 0);
  EXPECT_THAT(refused("memory.get", R"({"tenant_id":"t","id":"m"})", other).message,
              HasSubstr("tenant_id is \"t\"; must be \"u\", the caller's"));
  for (const char* about_all : {"store.stats", "tenants", "store.verify", "store.purge"}) {
    EXPECT_THAT(refused(about_all, "{}", other).message, HasSubstr("about the whole store"));
  }
  const auto collected = service_.call(other, {.operation = "gc", .arguments = "{}"});
  EXPECT_EQ(Json::parse(collected->json)["kept"].size(), 0U);
}

TEST_F(Arguments, TellTheEffectOfACall) {
  const Operation& gc = *find_operation("gc");
  const auto effect = [&](const char* arguments) {
    return gc.effect_of(
        *tulving::Arguments::read(gc, {}, {.operation = "gc", .arguments = arguments}));
  };
  EXPECT_EQ(effect("{}"), Effect::kDestroy);
  EXPECT_EQ(effect(R"({"dry_run":true})"), Effect::kRead);
  EXPECT_EQ(effect(R"({"dry_run":false})"), Effect::kDestroy);
}

}  // namespace
}  // namespace tulving::testing
