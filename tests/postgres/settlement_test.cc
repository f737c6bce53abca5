// What is promised of who may write which row, one rule after the other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/postgres/settlement_model.h"

namespace tulving::storage::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kParents = 0, kChildren = 1;
constexpr bool kFull = true, kIncremental = false;

Settlement family(bool is_full, bool slot_is_key = false) {
  return Settlement({{"parents", "name", slot_is_key}, {"children"}}, is_full);
}
KnownRow row(std::string id, std::string tenant, std::string slot = {}, std::int64_t rank = 0) {
  return {kParents, std::move(id), {{}, std::move(tenant)}, std::move(slot), rank};
}
KnownRow row_of_another_store(std::string id, std::string tenant, std::string slot = {}) {
  return {kParents, std::move(id), {"other", std::move(tenant)}, std::move(slot)};
}
Claim parent(std::string tenant, std::string id, std::string slot = {}, std::int64_t rank = 0) {
  return {.table = kParents,
          .tenant = std::move(tenant),
          .id = std::move(id),
          .slot = std::move(slot),
          .rank = rank};
}
Claim child(std::string tenant, std::string id, std::string needed, bool is_required) {
  return {.table = kChildren,
          .tenant = std::move(tenant),
          .id = std::move(id),
          .needs = {{kParents, std::move(needed), is_required}}};
}
Claim placeholder(std::string tenant, std::string id) {
  return {
      .table = kParents, .tenant = std::move(tenant), .id = std::move(id), .is_placeholder = true};
}
// "TENANT/ID" of what is written, in order.
std::set<std::string> written(const Settlement& settlement) {
  std::set<std::string> names;
  for (const auto& [table, tenant, id] : outcome_of(settlement).written) {
    names.insert(tenant + "/" + id);
  }
  return names;
}
std::vector<std::string> dead(const Settlement& settlement) {
  std::vector<std::string> ids;
  for (const KnownRow* each : settlement.dead()) ids.push_back(each->id);
  return ids;
}

TEST(SettledId, IsItsOwners) {
  auto settlement = family(kFull);
  settlement.know(row("x", "b"));
  settlement.claim(parent("a", "x"));
  settlement.claim(parent("b", "x"));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("b/x"));
  ASSERT_EQ(settlement.waiting().size(), 1U);
  EXPECT_EQ(settlement.waiting()[0].tenant, "a");
  EXPECT_EQ(settlement.waiting()[0].reason, "the row of this id is tenant \"b\"'s");
  EXPECT_THAT(settlement.waiting()[0].awaits, ElementsAre("parents#x"));
  EXPECT_THAT(dead(settlement), IsEmpty());
  EXPECT_TRUE(settlement.has(kParents, "b", "x"));
  EXPECT_FALSE(settlement.has(kParents, "a", "x"));
}

TEST(SettledId, IsTheFirstTenantsBytewiseWhereItHasNoRow) {
  auto settlement = family(kFull);
  for (const char* tenant : {"b", "a", "B", "\xC3\xA4"}) settlement.claim(parent(tenant, "x"));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("B/x"));
  EXPECT_EQ(settlement.waiting().size(), 3U);
}

TEST(SettledId, OfAnotherStoreStaysThere) {
  auto settlement = family(kFull);
  settlement.know(row_of_another_store("x", "a"));
  settlement.claim(parent("a", "x"));
  settlement.settle();
  EXPECT_THAT(written(settlement), IsEmpty());
  EXPECT_THAT(settlement.waiting()[0].reason, HasSubstr("from another store, other"));
  EXPECT_THAT(dead(settlement), IsEmpty());
  EXPECT_FALSE(settlement.has(kParents, "a", "x"));
}

// As two tenants' sessions of one name are erased between two syncs.
TEST(SettledId, ThatTwoTenantsLetGoOfGoes) {
  for (const auto& [first, second] : {std::pair("a", "b"), std::pair("b", "a")}) {
    auto settlement = family(kIncremental);
    settlement.know(row("x", "a"));
    settlement.gone(kParents, first, "x");
    settlement.gone(kParents, second, "x");
    settlement.settle();
    EXPECT_TRUE(settlement.is_gone(kParents, "a", "x"));
    EXPECT_TRUE(settlement.is_gone(kParents, "b", "x"));
    EXPECT_FALSE(settlement.has(kParents, "a", "x"));
    EXPECT_THAT(dead(settlement), ElementsAre("x"));
    EXPECT_THAT(settlement.events(), ElementsAre("parents#x"));
  }
}

// The first tenant's record kept others from the id, though it had no row.
TEST(SettledId, IsFreeWhenARecordGoesThatHadNoRow) {
  auto settlement = family(kIncremental);
  settlement.gone(kParents, "a", "x");
  settlement.settle();
  EXPECT_THAT(settlement.events(), ElementsAre("parents#x"));
}

TEST(SettledSlot, IsTheFirstByRankThenId) {
  auto settlement = family(kFull);
  settlement.claim(parent("a", "y", "s", 1));
  settlement.claim(parent("b", "x", "s", 1));
  settlement.claim(parent("a", "w", "s", 2));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("b/x"));
  EXPECT_THAT(settlement.waiting()[1].awaits, ElementsAre("parents=s"));
  EXPECT_EQ(settlement.waiting()[1].reason, "another record has this name: x, of tenant \"b\"");
}

TEST(SettledSlot, ThatIsTheKeyIsTheFirstByRankThenTenant) {
  auto settlement = family(kFull, true);
  settlement.claim(parent("a", "y", "s", 1));
  settlement.claim(parent("b", "x", "s", 1));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("a/y"));
}

TEST(SettledSlot, StaysWithTheTenantThatHasIt) {
  auto settlement = family(kFull);
  settlement.know(row("y", "b", "s", 5));
  settlement.claim(parent("a", "x", "s", 1));
  settlement.claim(parent("b", "y", "s", 5));
  settlement.claim(parent("b", "z", "s", 3));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("b/z"));
  EXPECT_THAT(dead(settlement), ElementsAre("y"));
}

TEST(SettledSlot, OfARowThatIsNotClaimedYieldsToAnEarlierOne) {
  auto settlement = family(kIncremental);
  settlement.know(row("y", "b", "s", 5));
  settlement.claim(parent("b", "x", "s", 1));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("b/x"));
  EXPECT_THAT(dead(settlement), ElementsAre("y"));
  EXPECT_FALSE(settlement.has(kParents, "b", "y"));
  EXPECT_EQ(settlement.waiting()[0].id, "y");
}

TEST(SettledSlot, OfAnotherStoreNeverYields) {
  auto settlement = family(kFull);
  settlement.know(row_of_another_store("y", "a", "s"));
  settlement.claim(parent("a", "x", "s", -1));
  settlement.settle();
  EXPECT_THAT(written(settlement), IsEmpty());
  EXPECT_THAT(settlement.waiting()[0].reason, HasSubstr("of another store, other"));
}

TEST(SettledSlot, MayBeAnothersOnceItsRecordRanksLower) {
  auto settlement = family(kIncremental);
  settlement.know(row("x", "a", "s", 1));
  settlement.claim(parent("a", "x", "s", 3));
  settlement.settle();
  EXPECT_THAT(settlement.events(), ElementsAre("parents=s"));
}

TEST(SettledSlot, ThatIsTheKeyTakesTheRowWithItWhenItChanges) {
  auto settlement = family(kFull, true);
  settlement.know(row("x", "a", "s"));
  settlement.know(row("y", "a"));  // An earlier release's: its key is the id.
  settlement.claim(parent("a", "x", "t"));
  settlement.claim(parent("a", "y", "y"));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("a/x", "a/y"));
  EXPECT_THAT(dead(settlement), ElementsAre("x"));
  EXPECT_EQ(settlement.slot_of(kParents, "a", "x"), "t");
}

TEST(SettledNeed, ThatIsNotThereKeepsARowBackWhereItIsRequired) {
  auto settlement = family(kFull);
  settlement.claim(parent("b", "x"));
  settlement.claim(child("a", "c", "x", true));  // Another tenant's parent is none.
  settlement.claim(child("b", "d", "x", true));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("b/d", "b/x"));
  EXPECT_EQ(settlement.waiting()[0].reason, "what it belongs to is not there: parents x");
  EXPECT_THAT(settlement.waiting()[0].awaits, ElementsAre("parents#x"));
}

TEST(SettledNeed, ThatIsOptionalIsWaitedForByARowThatIsWritten) {
  auto settlement = family(kFull);
  settlement.claim(child("a", "c", "x", false));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("a/c"));
  ASSERT_EQ(settlement.waiting().size(), 1U);
  EXPECT_EQ(settlement.waiting()[0].reason, "");
  EXPECT_THAT(settlement.waiting()[0].awaits, ElementsAre("parents#x"));
}

TEST(SettledNeed, IsNoMatterOfARecordThatLostItsSlot) {
  auto settlement = family(kFull);
  for (const char* id : {"c", "d"}) {
    Claim claim = child("a", id, "x", false);
    claim.slot = "s";
    settlement.claim(std::move(claim));
  }
  settlement.settle();
  ASSERT_EQ(settlement.waiting().size(), 2U);
  EXPECT_THAT(settlement.waiting()[0].awaits, ElementsAre("parents#x"));
  EXPECT_THAT(settlement.waiting()[1].awaits, ElementsAre("children=s"));
}

TEST(SettledNeed, OfATableThatOthersKeepIsThereForAnyTenant) {
  auto settlement = family(kFull);
  settlement.know_foreign(kParents, "x");
  settlement.claim(child("a", "c", "x", true));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("a/c"));
}

TEST(FullSettlement, BuriesWhatIsNotClaimed) {
  auto settlement = family(kFull);
  settlement.know(row("x", "a"));
  settlement.know(row("y", "b"));
  settlement.know(row_of_another_store("z", "a"));
  settlement.settle();
  EXPECT_THAT(dead(settlement), ElementsAre("x", "y"));
}

TEST(FullSettlement, LeavesTheRowsOfOtherTenantsThanItsOwn) {
  auto settlement = family(kFull);
  settlement.limit_to("a");
  settlement.know(row("x", "a"));
  settlement.know(row("y", "b", "s"));
  settlement.claim(parent("a", "z", "s"));
  settlement.settle();
  EXPECT_THAT(dead(settlement), ElementsAre("x"));
  EXPECT_THAT(written(settlement), IsEmpty());  // The slot is b's.
}

TEST(IncrementalSettlement, LeavesWhatIsNotClaimed) {
  auto settlement = family(kIncremental);
  settlement.know(row("x", "a", "s"));
  settlement.know(row("y", "a"));
  settlement.gone(kParents, "a", "y");
  settlement.gone(kParents, "b", "x");  // Of its own tenant's row only.
  settlement.settle();
  EXPECT_THAT(dead(settlement), ElementsAre("y"));
  EXPECT_TRUE(settlement.has(kParents, "a", "x"));
  EXPECT_EQ(settlement.slot_of(kParents, "a", "x"), "s");
}

TEST(Placeholder, IsWrittenWhereNoRecordOfTheNameIs) {
  for (const bool is_full : {kFull, kIncremental}) {
    auto settlement = family(is_full);
    settlement.claim(placeholder("a", "x"));
    settlement.claim(child("a", "c", "x", true));
    settlement.settle();
    EXPECT_THAT(written(settlement), ElementsAre("a/c", "a/x"));
  }
}

TEST(Placeholder, StandsBackForTheRecordInAnyOrder) {
  for (const bool comes_first : {true, false}) {
    auto settlement = family(kFull);
    if (comes_first) settlement.claim(placeholder("a", "x"));
    settlement.claim(parent("a", "x", "s"));
    if (!comes_first) settlement.claim(placeholder("a", "x"));
    settlement.settle();
    ASSERT_EQ(settlement.claims().size(), 1U);
    EXPECT_FALSE(settlement.claim_for(kParents, "a", "x")->is_placeholder);
  }
}

// An incremental one does not tell whether the row is a record's.
TEST(Placeholder, LeavesARowThatIsThereAsItIs) {
  for (const bool slot_is_key : {false, true}) {
    auto settlement = family(kIncremental, slot_is_key);
    settlement.know(row("x", "a", "s"));
    settlement.claim(placeholder("a", "x"));
    settlement.claim(parent("b", "y", "s"));
    settlement.settle();
    EXPECT_THAT(written(settlement), IsEmpty());
    EXPECT_TRUE(settlement.has(kParents, "a", "x"));
    EXPECT_EQ(settlement.slot_of(kParents, "a", "x"), "s");
    EXPECT_THAT(dead(settlement), IsEmpty());
    EXPECT_THAT(settlement.events(), IsEmpty());
  }
}

TEST(Placeholder, GoesWithARowThatYields) {
  auto settlement = family(kIncremental);
  settlement.know(row("x", "a", "s", 5));
  settlement.claim(placeholder("a", "x"));
  settlement.claim(parent("a", "y", "s", 1));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("a/y"));
  EXPECT_FALSE(settlement.has(kParents, "a", "x"));
  EXPECT_THAT(dead(settlement), ElementsAre("x"));
}

TEST(Placeholder, ComesForARowThatGoes) {
  auto settlement = family(kIncremental);
  settlement.know(row("x", "a", "s"));
  settlement.gone(kParents, "a", "x");
  settlement.claim(placeholder("a", "x"));
  settlement.settle();
  EXPECT_THAT(written(settlement), ElementsAre("a/x"));
}

}  // namespace
}  // namespace tulving::storage::postgres
