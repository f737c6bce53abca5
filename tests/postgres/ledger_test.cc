// What the ledger promises of revisions: which one a schema holds for whom. All tenants' stands for
// each one's and never the other way round; another store's, and that of tables which are gone, for
// nobody's.

#include "storage/postgres/target/ledger.h"

#include <gmock/gmock.h>

#include "tests/postgres/postgres_testing.h"

namespace tulving::storage::postgres {
namespace {

constexpr auto kStore = "0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60";
constexpr auto kOtherStore = "1c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60";
const std::string kRoot = "sessions";

class LedgerTest : public tulving::testing::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    auto connection = Connection::open(database().uri());
    ASSERT_TRUE(connection.has_value()) << connection.error().message;
    connection_.emplace(*std::move(connection));
    database().run("CREATE SCHEMA target; CREATE TABLE target.sessions (id text)");
  }

  Ledger ledger(const std::string& tenant, const std::string& store = kStore) {
    return {*connection_, {"orchestrator", "target", store, tenant}};
  }
  Ledger::Held held(const std::string& tenant, const std::string& store = kStore) {
    const auto found = ledger(tenant, store).held(kRoot);
    EXPECT_TRUE(found.has_value());
    return found ? *found : Ledger::Held{};
  }
  std::uint64_t synced(const std::string& tenant, bool any_tenant) {
    const auto found = ledger(tenant).synced_revision(kRoot, any_tenant);
    EXPECT_TRUE(found.has_value());
    return found ? *found : 0;
  }
  void record(const std::string& tenant, std::uint64_t revision) {
    ASSERT_TRUE(ledger(tenant).prepare().has_value());
    const auto status = ledger(tenant).record_revision(kRoot, revision);
    ASSERT_TRUE(status.has_value()) << status.error().message;
  }

 private:
  std::optional<Connection> connection_;
};

TEST_F(LedgerTest, ADatabaseWithoutALedgerHoldsNothing) {
  EXPECT_EQ(synced("", false), 0U);
  EXPECT_EQ(synced("", true), 0U);
  ASSERT_TRUE(ledger("").prepare().has_value());
  ASSERT_TRUE(ledger("").prepare().has_value()) << "a second time changes nothing";
  EXPECT_EQ(held("").revision, 0U);
}

TEST_F(LedgerTest, AllTenantsRevisionStandsForEachOnes) {
  record("", 7);
  EXPECT_EQ(held("").revision, 7U);
  EXPECT_EQ(held("acme").revision, 7U);
  EXPECT_EQ(synced("acme", false), 7U);
}

TEST_F(LedgerTest, ATenantsRevisionStandsForItAlone) {
  record("acme", 5);
  record("bell", 3);
  EXPECT_EQ(held("acme").revision, 5U);
  EXPECT_EQ(held("acme").greatest, 5U);
  EXPECT_EQ(held("crow").revision, 0U);
  EXPECT_EQ(held("").revision, 0U);
  EXPECT_EQ(held("").greatest, 5U) << "an older snapshot of all would take acme back";
  EXPECT_EQ(synced("", true), 3U) << "the least of any";
}

TEST_F(LedgerTest, ASyncOfAllReplacesTheTenants) {
  record("acme", 5);
  record("", 9);
  EXPECT_EQ(database().value("SELECT count(*) FROM tulving.sync_state"), "1");
  EXPECT_EQ(held("acme").revision, 9U);
}

TEST_F(LedgerTest, TheSameRevisionAgainWritesNothing) {
  record("", 7);
  const std::string row = database().value("SELECT xmin || ' ' || ctid FROM tulving.sync_state");
  record("", 7);
  EXPECT_EQ(database().value("SELECT xmin || ' ' || ctid FROM tulving.sync_state"), row);
}

TEST_F(LedgerTest, AnotherStoresRevisionIsNobodysHere) {
  record("", 7);
  EXPECT_EQ(held("", kOtherStore).revision, 0U);
  EXPECT_EQ(held("", kOtherStore).greatest, 0U);
}

TEST_F(LedgerTest, TablesThatWereMadeAnewHoldNothing) {
  record("", 7);
  database().run("DROP TABLE target.sessions");
  EXPECT_EQ(held("").revision, 0U);
  database().run("CREATE TABLE target.sessions (id text)");
  EXPECT_EQ(held("").revision, 0U);
}

}  // namespace
}  // namespace tulving::storage::postgres
