// The table of operations is what every way into a store is made of: each operation says what it
// does, what it takes and what it answers, and is called by a test.

#include <map>
#include <set>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "tests/operations/called.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// What the table lacks of an operation, for a reader or a way in.
std::string lack(const Operation& operation, const std::set<std::string>& covered) {
  if (operation.name.empty()) return "a name";
  if (operation.help.empty() || operation.help.ends_with('.')) return "help, without a full stop";
  if ((operation.run == nullptr) == (operation.stream == nullptr)) return "one way to run";
  const auto is_told = [](const Param& param) {
    return !param.name.empty() && !param.help.empty() &&
           (param.type != ValueType::kWord || !param.words.empty()) &&
           (param.type != ValueType::kRecord || !param.kind.empty());
  };
  for (const Param& param : operation.params) {
    if (!is_told(param)) return "help or words of " + std::string(param.name);
    if (param.is_required && !param.fallback.empty()) return "sense: a default that is required";
  }
  const Param& answer = operation.answer;
  if (answer.help.empty()) return "help of its answer";
  if (answer.type == ValueType::kObject && answer.members.empty()) return "a schema of its answer";
  for (const Param& member : answer.members) {
    if (!is_told(member)) return "help of its answer's " + std::string(member.name);
  }
  if (operation.stream != nullptr && operation.line_out.help.empty()) return "what its lines are";
  if (!covered.contains(std::string(operation.name))) return "a test";
  return {};
}

TEST(OperationTable, EveryOperationHasHelpASchemaAndATest) {
  ASSERT_GT(operation_table().size(), 40U);
  for (const Operation& operation : operation_table()) {
    EXPECT_EQ(lack(operation, Covers::all()), "") << operation.name;
  }
}

TEST(OperationTable, WhatIsLackingIsFound) {
  const Operation& good = *find_operation("memory.get");
  const std::set<std::string> covered = {"memory.get"};
  ASSERT_EQ(lack(good, covered), "");
  Operation broken = good;
  broken.help = {};
  EXPECT_THAT(lack(broken, covered), HasSubstr("help"));
  broken = good;
  broken.answer = params::object({}, {}, "An object");
  EXPECT_THAT(lack(broken, covered), HasSubstr("schema"));
  broken = good;
  broken.run = nullptr;
  EXPECT_THAT(lack(broken, covered), HasSubstr("run"));
  EXPECT_THAT(lack(good, {}), HasSubstr("test"));
}

TEST(OperationTable, NamesAreInOrderAndComeOnce) {
  std::string before;
  for (const Operation& operation : operation_table()) {
    EXPECT_LT(before, operation.name);
    before = operation.name;
    EXPECT_EQ(find_operation(operation.name), &operation);
    std::set<std::string_view> params;
    for (const Param& param : operation.params) {
      EXPECT_TRUE(params.insert(param.name).second) << before << " has two of " << param.name;
    }
  }
  EXPECT_EQ(find_operation("memory.nope"), nullptr);
}

TEST(OperationTable, OnlyWhatChangesNothingIsARead) {
  std::map<Effect, std::set<std::string_view>> by_effect;
  for (const Operation& operation : operation_table()) {
    by_effect[operation.effect].insert(operation.name);
  }
  std::set<std::string> destroying = {"gc", "memory.forget", "store.purge", "tenant.drop"};
  kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
    destroying.insert(std::string(kinds::Kind<Record>::name) + ".erase");
  });
  EXPECT_THAT(by_effect[Effect::kDestroy], ElementsAreArray(destroying));
  for (const char* write : {"memory.add", "memory.update", "queue.claim", "import", "plan.undo"}) {
    EXPECT_TRUE(by_effect[Effect::kWrite].contains(write)) << write;
  }
  EXPECT_TRUE(by_effect[Effect::kRead].contains("search"));
}

TEST(OperationTable, ItsSchemaIsAJsonSchemaWithoutLooseEnds) {
  const Json schema = Json::parse(operations_schema());

  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["properties"].size(), operation_table().size());
  for (const auto& [name, definition] : schema["$defs"].items()) {
    EXPECT_EQ(unknown_word(schema, definition), "") << name;
  }
  for (const auto& [name, operation] : schema["properties"].items()) {
    EXPECT_EQ(unknown_word(schema, operation), "") << name;
    EXPECT_TRUE(operation["properties"].contains("arguments")) << name;
    EXPECT_TRUE(operation["properties"].contains("answer")) << name;
  }
  const Json list = schema["properties"]["memory.list"]["properties"]["arguments"];
  EXPECT_EQ(list["required"], Json{"tenant_id"});
  EXPECT_EQ(list["additionalProperties"], false);
  EXPECT_EQ(list["properties"]["limit"]["maximum"], 10000);
  EXPECT_EQ(list["properties"]["limit"]["default"], 100);
  EXPECT_EQ(list["properties"]["order"]["enum"], (Json{"asc", "desc"}));
}

// A tool of a protocol has a schema of its own, which refers to nothing outside.
TEST(OperationTable, EachOperationHasSchemasThatStandAlone) {
  for (const Operation& operation : operation_table()) {
    const Json arguments = Json::parse(arguments_schema(operation));
    const Json answer = Json::parse(answer_schema(operation));
    for (Json schema : {arguments, answer}) {
      const Json root = schema;
      const Json definitions = root.value("$defs", Json::object());
      for (const auto& [name, definition] : definitions.items()) {
        EXPECT_EQ(unknown_word(root, definition), "") << operation.name << " " << name;
      }
      schema.erase("$defs");
      EXPECT_EQ(unknown_word(root, schema), "") << operation.name;
    }
    EXPECT_EQ(arguments["type"], "object") << operation.name;
  }
  EXPECT_TRUE(
      Json::parse(answer_schema(*find_operation("memory.get")))["$defs"].contains("vector"));
  EXPECT_FALSE(Json::parse(answer_schema(*find_operation("tenants"))).contains("$defs"));
}

}  // namespace
}  // namespace tulving::testing
