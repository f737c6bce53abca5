// The operation that the sync adds to the table: what it takes, what it answers, and that it comes
// into a service only where it is given to one.

#include "tests/operations/called.h"
#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Covers kCovers{"memory.add", "sync", "hydrate"};

class SyncOperation : public Called {
 protected:
  SyncOperation() : Called(postgres_operations()) {}
};

TEST_F(SyncOperation, IsThereWhereItIsGiven) {
  ASSERT_EQ(postgres_operations().size(), 2U);
  EXPECT_NE(service_.find("sync"), nullptr);
  EXPECT_EQ(find_operation("sync"), nullptr);
  for (const Param& param : postgres_operations().front().params) {
    EXPECT_FALSE(param.help.empty()) << param.name;
  }
  EXPECT_EQ(unknown_word(schema_, schema_["properties"]["sync"]), "");
}

TEST_F(SyncOperation, RefusesWhatIsWrongBeforeItConnects) {
  EXPECT_EQ(refused("sync", R"({"schemas":["orchestrator"]})").field, "to");
  EXPECT_EQ(refused("sync", R"({"to":"x","schemas":["telepathy"]})").field, "schemas");
  EXPECT_THAT(
      refused("sync", R"({"to":"x","schemas":["orchestrator"],"namespaces":["public"]})").message,
      HasSubstr("PROJECTION=SCHEMA"));
}

TEST_F(SyncOperation, SendsTheStoreAndSaysWhat) {
  const char* uri = std::getenv("TULVING_TEST_POSTGRES");
  if (uri == nullptr) GTEST_SKIP() << "TULVING_TEST_POSTGRES is not set";
  TestDatabase database(uri);
  add("a", "tea", {{"embedding", {1, 0}}, {"tags", {"x"}}});
  const Json to = {{"to", database.uri()},
                   {"schemas", {"orchestrator"}},
                   {"namespaces", {"orchestrator=elsewhere"}}};

  const Json first = ask("sync", to)["reports"][0];
  const Json again = ask("sync", to)["reports"][0];

  EXPECT_EQ(first["schema"], "elsewhere");
  EXPECT_EQ(first["inserted"]["memory_entries"], 1);
  EXPECT_EQ(again["from_revision"], first["to_revision"]);
  EXPECT_THAT(again["skipped"], IsEmpty());
  EXPECT_EQ(database.value("SELECT count(*) FROM elsewhere.memory_tags"), "1");
}

TEST_F(SyncOperation, HydrateReadsWhatSyncSentIntoAnEmptyTenant) {
  const char* uri = std::getenv("TULVING_TEST_POSTGRES");
  if (uri == nullptr) GTEST_SKIP() << "TULVING_TEST_POSTGRES is not set";
  TestDatabase database(uri);
  add("a", "tea", {{"embedding", {1, 0}}, {"tags", {"x"}}});
  ask("sync", {{"to", database.uri()}, {"schemas", {"orchestrator"}}});
  const Json from = {{"from", database.uri()}, {"schema", "orchestrator"}, {"tenant", "copy"}};

  const Json first = ask("hydrate", from);
  const Json again = ask("hydrate", from);

  EXPECT_EQ(first["rows"]["memory_entries"], 1);
  EXPECT_EQ(first["records"]["memory"], 1);
  EXPECT_EQ(again["unchanged"], 1);
  EXPECT_THAT(first["refused"], IsEmpty());
  EXPECT_EQ(refused("hydrate", R"({"from":"x","schema":"telepathy","tenant":"t"})").field,
            "schema");
}

}  // namespace
}  // namespace tulving::testing
