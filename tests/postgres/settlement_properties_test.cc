// What holds of any settlement: random small worlds, compared with settlement_model.h's slow one.

#include <gtest/gtest.h>

#include "tests/postgres/settlement_cases.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::uint64_t kCases = 20'000;

// One in words, so that the two of a comparison are told apart.
std::string difference(const SettlementCase& told, const SettlementOutcome& expected,
                       const SettlementOutcome& found) {
  return told.text() + "expected: " + expected.text() + "found: " + found.text();
}

TEST(AnySettlement, IsThatOfTheSlowModel) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const SettlementCase told = SettlementCases(seed).any();
    const auto expected = settle_slowly(told);
    const auto found = outcome_of(told.settled());
    ASSERT_EQ(found, expected) << "seed " << seed << ": " << difference(told, expected, found);
  }
}

TEST(AnySettlement, IsTheSameWhenItIsSettledAgain) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    Settlement settlement = SettlementCases(seed).any().settled();
    const auto first = outcome_of(settlement);
    const auto events = settlement.events();
    settlement.settle();
    ASSERT_EQ(outcome_of(settlement), first) << "seed " << seed;
    ASSERT_EQ(settlement.events(), events) << "seed " << seed;
  }
}

// Nor in which order the answers come.
TEST(AnySettlement, DoesNotDependOnTheOrderInWhichItIsTold) {
  const auto waiting = [](const Settlement& settlement) {
    std::vector<std::string> lines;
    for (const Waiting& each : settlement.waiting()) {
      lines.push_back(settlement.event(each.table, each.id) + each.tenant + each.reason);
      for (const std::string& event : each.awaits) lines.push_back(event);
    }
    return lines;
  };
  const auto dead = [](const Settlement& settlement) {
    std::vector<std::string> ids;
    for (const KnownRow* row : settlement.dead())
      ids.push_back(settlement.event(row->table, row->id));
    return ids;
  };
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    SettlementCases cases(seed);
    SettlementCase told = cases.any();
    const Settlement first = told.settled();
    cases.shuffle(told.rows);
    cases.shuffle(told.claims);
    cases.shuffle(told.gone);
    const Settlement second = told.settled();
    ASSERT_EQ(outcome_of(second), outcome_of(first)) << "seed " << seed << ": " << told.text();
    ASSERT_EQ(waiting(second), waiting(first)) << "seed " << seed << ": " << told.text();
    ASSERT_EQ(dead(second), dead(first)) << "seed " << seed << ": " << told.text();
    ASSERT_EQ(second.events(), first.events()) << "seed " << seed << ": " << told.text();
  }
}

// The rows that are there afterwards, as a database would have them.
std::vector<KnownRow> rows_after(const SettlementCase& told, const Settlement& settlement) {
  std::vector<KnownRow> rows;
  const auto outcome = outcome_of(settlement);
  for (const KnownRow& row : told.rows) {
    if (!outcome.dead.contains({row.table, row.id})) rows.push_back(row);
  }
  for (const Claim& claim : settlement.claims()) {
    if (!settlement.writes(claim.table, claim.tenant, claim.id)) continue;
    std::erase_if(rows, [&](const KnownRow& row) {
      return row.table == claim.table && row.id == claim.id && row.owner == Owner{{}, claim.tenant};
    });
    rows.push_back({claim.table, claim.id, {{}, claim.tenant}, claim.slot, claim.rank});
  }
  std::ranges::sort(rows, {}, [](const KnownRow& row) { return std::tie(row.table, row.id); });
  return rows;
}

TEST(AnySettlement, LeavesNoTwoRowsWithOneIdOrSlot) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const SettlementCase told = SettlementCases(seed).any();
    std::set<std::string> seen;
    const Settlement settlement = told.settled();
    for (const KnownRow& row : rows_after(told, settlement)) {
      const std::string id = settlement.event(row.table, row.id);
      const std::string slot = settlement.slot_event(row.table, row.slot);
      ASSERT_TRUE(seen.insert(id).second) << id << " seed " << seed << ": " << told.text();
      if (row.slot.empty()) continue;
      ASSERT_TRUE(seen.insert(slot).second) << slot << " seed " << seed << ": " << told.text();
    }
  }
}

TEST(AnySettlement, WritesNothingWithoutWhatItNeeds) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const SettlementCase told = SettlementCases(seed).any();
    const Settlement settlement = told.settled();
    const auto rows = rows_after(told, settlement);
    for (const Claim& claim : settlement.claims()) {
      if (!settlement.writes(claim.table, claim.tenant, claim.id)) continue;
      for (const auto& need : claim.needs) {
        const bool is_there = told.foreign.contains({need.table, need.id}) ||
                              std::ranges::any_of(rows, [&](const KnownRow& row) {
                                return row.table == need.table && row.id == need.id &&
                                       row.owner == Owner{{}, claim.tenant};
                              });
        ASSERT_EQ(settlement.has(need.table, claim.tenant, need.id), is_there)
            << "seed " << seed << ": " << told.text();
        ASSERT_TRUE(is_there || !need.is_required) << "seed " << seed << ": " << told.text();
      }
    }
  }
}

}  // namespace
}  // namespace tulving::storage::postgres
