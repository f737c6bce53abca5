// What the ledger promises of positions: which one a schema holds for whom. All tenants' stands for
// each one's and never the other way round; another store's, and that of tables which are gone, for
// nobody's.

#include "storage/postgres/target/ledger.h"

#include <gmock/gmock.h>

#include "tests/postgres/postgres_testing.h"

namespace tulving::storage::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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
  std::vector<Position> synced(const std::string& tenant, bool any_tenant) {
    const auto found = ledger(tenant).synced_positions(kRoot, any_tenant);
    EXPECT_TRUE(found.has_value());
    return found ? *found : std::vector<Position>();
  }
  void record(const std::string& tenant, const Position& position) {
    ASSERT_TRUE(ledger(tenant).prepare().has_value());
    const auto status = ledger(tenant).record_position(kRoot, position);
    ASSERT_TRUE(status.has_value()) << status.error().message;
  }
  const Uuid first_ = Uuid::random(), second_ = Uuid::random();

 private:
  std::optional<Connection> connection_;
};

TEST_F(LedgerTest, ADatabaseWithoutALedgerHoldsNothing) {
  EXPECT_THAT(synced("", false), IsEmpty());
  EXPECT_THAT(synced("", true), IsEmpty());
  ASSERT_TRUE(ledger("").prepare().has_value());
  ASSERT_TRUE(ledger("").prepare().has_value()) << "a second time changes nothing";
  EXPECT_EQ(held("").own, std::nullopt);
}

TEST_F(LedgerTest, AllTenantsPositionStandsForEachOnes) {
  record("", {7, first_});
  EXPECT_EQ(held("").own, Position(7, first_));
  EXPECT_EQ(held("acme").own, Position(7, first_));
  EXPECT_THAT(synced("acme", false), ElementsAre(Position(7, first_)));
}

TEST_F(LedgerTest, ATenantsPositionStandsForItAlone) {
  record("acme", {5, second_});
  record("bell", {3, first_});
  EXPECT_EQ(held("acme").own, Position(5, second_));
  EXPECT_THAT(held("acme").within, ElementsAre(Position(5, second_)));
  EXPECT_EQ(held("crow").own, std::nullopt);
  EXPECT_EQ(held("").own, std::nullopt);
  EXPECT_THAT(held("").within, UnorderedElementsAre(Position(5, second_), Position(3, first_)))
      << "an older snapshot of all would take acme back";
  EXPECT_THAT(synced("", false), IsEmpty()) << "all tenants are not there";
  EXPECT_THAT(synced("", true), UnorderedElementsAre(Position(5, second_), Position(3, first_)));
}

TEST_F(LedgerTest, ATenantsOwnIsLaterThanAllTenants) {
  record("", {9, first_});
  record("acme", {4, second_});  // The store was put back, and goes on from there.
  EXPECT_EQ(held("acme").own, Position(4, second_));
  EXPECT_THAT(held("acme").within, ElementsAre(Position(4, second_)));
  EXPECT_EQ(held("bell").own, Position(9, first_));
}

TEST_F(LedgerTest, ASyncOfAllReplacesTheTenants) {
  record("acme", {5, first_});
  record("", {9, first_});
  EXPECT_EQ(database().value("SELECT count(*) FROM tulving.sync_state"), "1");
  EXPECT_EQ(held("acme").own, Position(9, first_));
}

TEST_F(LedgerTest, TheSamePositionAgainWritesNothing) {
  const auto row = [this] {
    return database().value("SELECT xmin || ' ' || ctid FROM tulving.sync_state");
  };
  for (const Uuid& incarnation : {Uuid(), first_}) {
    record("", {7, incarnation});
    const std::string before = row();
    record("", {7, incarnation});
    EXPECT_EQ(row(), before);
  }
  const std::string before = row();
  record("", {7, second_});
  EXPECT_NE(row(), before) << "the same revision of another history";
  EXPECT_EQ(held("").own, Position(7, second_));
}

TEST_F(LedgerTest, OfAReleaseWithoutIncarnationsKeepsItsRevisions) {
  record("", 7);
  database().run("ALTER TABLE tulving.sync_state DROP COLUMN incarnation");
  EXPECT_THAT(synced("", false), ElementsAre(Position(7))) << "before anything is changed";

  ASSERT_TRUE(ledger("").prepare().has_value());

  EXPECT_EQ(held("").own, Position(7));
  record("", {8, first_});
  EXPECT_EQ(held("").own, Position(8, first_));
}

TEST_F(LedgerTest, AnotherStoresPositionIsNobodysHere) {
  record("", {7, first_});
  EXPECT_EQ(held("", kOtherStore).own, std::nullopt);
  EXPECT_THAT(held("", kOtherStore).within, IsEmpty());
}

TEST_F(LedgerTest, TablesThatWereMadeAnewHoldNothing) {
  record("", {7, first_});
  database().run("DROP TABLE target.sessions");
  EXPECT_EQ(held("").own, std::nullopt);
  database().run("CREATE TABLE target.sessions (id text)");
  EXPECT_EQ(held("").own, std::nullopt);
}

}  // namespace
}  // namespace tulving::storage::postgres
