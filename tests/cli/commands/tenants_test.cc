// Two tenants with the same texts and the same external ids: no command with one tenant's name
// shows, counts, relates or changes anything of the other.
//
// Both tenants hold the same, so a leak shows as a double count or as a change in the export of the
// tenant that was not named; and since each command must find its own tenant's records, an empty
// answer fails too.

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class CliTenants : public Cli {
 protected:
  void SetUp() override {
    std::string input;
    for (const std::string tenant : {"acme", "other"}) {
      const std::string head = R"("tenant_id":")" + tenant + R"(",)";
      const std::string where = R"("metadata":{"where":")" + tenant + R"("})";
      input +=
          R"({"kind":"session",)" + head + R"("session_id":"s","summary":")" + tenant + "\"}\n";
      input += R"({"kind":"memory",)" + head +
               R"("external_id":"a","session_id":"s","text":"green tea","embedding":[1,0],)" +
               where + "}\n";
      input += R"({"kind":"memory",)" + head +
               R"("external_id":"b","text":"black coffee","embedding":[0,1],)" + where + "}\n";
      input += R"({"kind":"relation",)" + head + R"("source_id":"a","target_id":"b"})" + "\n";
    }
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 8);
    acme_a_ = json({"get", "--tenant", "acme", "a"})["id"];
    other_a_ = json({"get", "--tenant", "other", "a"})["id"];
    ASSERT_NE(acme_a_, other_a_);
  }

  std::string exported_of(const std::string& tenant) {
    return run({"export", "--tenant", tenant, "--with-embeddings"}).out;
  }

  /// Runs a command for acme: it succeeds, changes acme, and leaves the other as it was.
  void expect_own_change(const Arguments& arguments) {
    const std::string acme = exported_of("acme");
    const std::string other = exported_of("other");
    json(arguments);
    EXPECT_NE(exported_of("acme"), acme) << arguments[0] << " did nothing";
    EXPECT_EQ(exported_of("other"), other) << arguments[0] << " reached the other tenant";
  }

  std::string acme_a_;
  std::string other_a_;
};

TEST_F(CliTenants, ReadingShowsOnesOwn) {
  for (const std::string tenant : {"acme", "other"}) {
    EXPECT_EQ(json({"get", "--tenant", tenant, "a"})["metadata"]["where"], tenant);
    const Json list = json({"list", "--tenant", tenant});
    EXPECT_EQ(list["matching"], 2);
    for (const Json& memory : list["memories"]) EXPECT_EQ(memory["metadata"]["where"], tenant);
    EXPECT_EQ(
        json({"history", "--tenant", tenant, "a"})["history"][0]["memory"]["metadata"]["where"],
        tenant);
    const Json related = json({"related", "--tenant", tenant, "a", "--hops", "8"})["related"];
    ASSERT_THAT(related, SizeIs(1));
    EXPECT_EQ(related[0]["memory"]["metadata"]["where"], tenant);
    EXPECT_EQ(json({"session", "get", "--tenant", tenant, "s"})["summary"], tenant);
    EXPECT_THAT(json({"session", "list", "--tenant", tenant})["sessions"], SizeIs(1));
  }
}

TEST_F(CliTenants, SearchingFindsOnesOwn) {
  for (const std::string tenant : {"acme", "other"}) {
    const std::string own = tenant == "acme" ? acme_a_ : other_a_;
    for (const Arguments& what : std::vector<Arguments>{{"--text", "tea"},
                                                        {"--vector", "1,0"},
                                                        {"--text", "tea", "--vector", "1,0"},
                                                        {"--mode", "recent"}}) {
      Arguments arguments = {"search", "--tenant", tenant, "--explain"};
      arguments.insert(arguments.end(), what.begin(), what.end());
      const Json found = json(arguments);
      std::vector<std::string> ids;
      for (const Json& hit : found["results"]) ids.push_back(hit["id"]);
      EXPECT_THAT(ids, ::testing::Contains(own));
      EXPECT_THAT(ids, ::testing::Not(::testing::Contains(tenant == "acme" ? other_a_ : acme_a_)));
      EXPECT_EQ(found["plan"]["matching"], 2);
    }
  }
}

TEST_F(CliTenants, AnotherTenantsIdNamesNothing) {
  const std::string before = exported();
  for (const Arguments& arguments :
       std::vector<Arguments>{{"get", "--tenant", "acme", other_a_},
                              {"history", "--tenant", "acme", other_a_},
                              {"related", "--tenant", "acme", other_a_},
                              {"update", "--tenant", "acme", other_a_, "--priority", "9"},
                              {"touch", "--tenant", "acme", other_a_},
                              {"forget", "--tenant", "acme", other_a_},
                              {"erase", "--tenant", "acme", other_a_},
                              {"relate", "--tenant", "acme", "a", other_a_},
                              {"relate", "--tenant", "acme", other_a_, "a"}}) {
    EXPECT_THAT(run(arguments), Failed(1)) << arguments[0];
  }
  EXPECT_EQ(exported(), before);
}

TEST_F(CliTenants, MetadataIsNoWayAcross) {
  EXPECT_EQ(
      json({"list", "--tenant", "acme", "--filter", R"({"metadata.where":"other"})"})["matching"],
      0);
  EXPECT_EQ(
      json({"list", "--tenant", "acme", "--filter", R"({"metadata.where":"acme"})"})["matching"],
      2);
  EXPECT_THAT(run({"list", "--tenant", "acme", "--filter", R"({"tenant_id":"other"})"}), Failed(2));
}

TEST_F(CliTenants, ChangingChangesOnesOwn) {
  expect_own_change({"update", "--tenant", "acme", "a", "--priority", "9"});
  expect_own_change({"touch", "--tenant", "acme", "a"});
  expect_own_change({"search", "--tenant", "acme", "--text", "tea", "--touch"});
  expect_own_change({"add", "--tenant", "acme", "--text", "cocoa"});
  expect_own_change({"add", "--tenant", "acme", "--text", "green tea"});
  expect_own_change({"relate", "--tenant", "acme", "b", "a", "--type", "causes"});
  expect_own_change({"relate", "--tenant", "acme", "b", "a", "--type", "causes", "--remove"});
  expect_own_change({"session", "put", "--tenant", "acme", "s", "--summary", "new"});
  expect_own_change({"forget", "--tenant", "acme", "b"});
  expect_own_change({"erase", "--tenant", "acme", "b"});
  expect_own_change({"session", "erase", "--tenant", "acme", "s"});
}

TEST_F(CliTenants, AnEmptyTenantIsEmpty) {
  EXPECT_EQ(json({"list", "--tenant", "nobody"})["matching"], 0);
  EXPECT_EQ(json({"search", "--tenant", "nobody", "--text", "tea"})["results"], Json::array());
  EXPECT_THAT(run({"get", "--tenant", "nobody", "a"}), Failed(1));
}

TEST_F(CliTenants, StatsCountEachByItself) {
  const Json tenants = json({"stats"})["tenants"];

  ASSERT_THAT(tenants, SizeIs(2));
  for (const Json& tenant : tenants) {
    EXPECT_EQ(tenant["memories"], 2);
    EXPECT_EQ(tenant["sessions"], 1);
    EXPECT_EQ(tenant["relations"], 1);
    EXPECT_EQ(tenant["vectors"][0]["vectors"], 2);
  }
}

}  // namespace
}  // namespace tulving::testing
