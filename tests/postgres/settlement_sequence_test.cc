// An incremental settlement decides what a full one of all that is there would.

#include <gtest/gtest.h>

#include "tests/postgres/settlement_cases.h"

namespace tulving::storage::postgres {
namespace {

using Name = SettlementCase::Name;
using Records = std::map<Name, Claim>;

std::vector<Claim> values(const Records& records) {
  std::vector<Claim> claims;
  for (const auto& [name, claim] : records) claims.push_back(claim);
  return claims;
}

// The target between two syncs: its ledger and those that wait.
struct Target {
  std::vector<KnownRow> rows;
  std::map<Name, std::set<std::string>> waiting;

  void take(const Settlement& settlement, bool is_full) {
    const auto outcome = outcome_of(settlement);
    const auto is_written = [&](const KnownRow& row) {
      return outcome.written.contains({row.table, row.owner.tenant, row.id}) &&
             row.owner.store.empty();
    };
    std::erase_if(rows, [&](const KnownRow& row) {
      return outcome.dead.contains({row.table, row.id}) || is_written(row);
    });
    for (const Claim& claim : settlement.claims()) {
      if (is_full) break;
      waiting.erase({claim.table, claim.tenant, claim.id});
    }
    if (is_full) waiting.clear();
    for (const Claim& claim : settlement.claims()) {
      if (!outcome.written.contains({claim.table, claim.tenant, claim.id})) continue;
      rows.push_back({claim.table, claim.id, {{}, claim.tenant}, claim.slot, claim.rank});
    }
    for (const auto& [name, wait] : outcome.waiting) {
      waiting[name].insert(wait.awaits.begin(), wait.awaits.end());
    }
    std::ranges::sort(rows, {}, [](const KnownRow& row) { return std::tie(row.table, row.id); });
  }

  // With `events` or without: of several that it lacks, a record waits for the one it met first.
  [[nodiscard]] std::string text(bool with_events) const {
    std::string text = SettlementCase{.tables = {}, .rows = rows}.text();
    for (const auto& [name, events] : waiting) {
      text += "  " + text_of(name) + " waits";
      if (with_events) {
        for (const std::string& event : events) text += " for " + event;
      }
      text += "\n";
    }
    return text;
  }
};

// What an incremental sync tells: what was changed, and of the ledger what that touches. Then those
// that wait for what happened, and those that need a row that goes: to them the store does the same
// as to the children of what is erased.
class Increment {
 public:
  Increment(std::vector<Settlement::Table> tables, const Target& target, const Records& records)
      : target_(target), records_(records), settlement_(std::move(tables), false) {}

  void change(const Name& name) {
    const auto& [table, tenant, id] = name;
    const auto record = records_.find(name);
    if (record == records_.end()) {
      if (!gone_.insert(name).second) return;
      settlement_.gone(table, tenant, id);
    } else if (claimed_.insert(name).second) {
      settlement_.claim(record->second);
    }
  }

  const Settlement& settle() {
    for (bool is_more = true; is_more;) {
      know_named();
      settlement_.settle();
      const std::size_t before = claimed_.size();
      const auto dead = settlement_.dead();
      const auto events = settlement_.events();
      const std::set<std::string> happened(events.begin(), events.end());
      for (const auto& [name, awaits] : target_.waiting) {
        const bool is_woken = std::ranges::any_of(
            awaits, [&](const std::string& event) { return happened.contains(event); });
        if (is_woken && records_.contains(name)) change(name);
      }
      for (const KnownRow* row : dead) fetch_children(*row);
      is_more = claimed_.size() > before;
    }
    return settlement_;
  }

 private:
  void know_named() {
    std::set<std::string> names;
    for (const Claim& claim : settlement_.claims()) {
      names.insert(settlement_.event(claim.table, claim.id));
      if (!claim.slot.empty()) names.insert(settlement_.slot_event(claim.table, claim.slot));
      for (const auto& need : claim.needs) names.insert(settlement_.event(need.table, need.id));
    }
    settlement_.each_gone([&](std::size_t table, const std::string& id) {
      names.insert(settlement_.event(table, id));
    });
    for (const KnownRow& row : target_.rows) {
      if (names.contains(settlement_.event(row.table, row.id)) ||
          (!row.slot.empty() && names.contains(settlement_.slot_event(row.table, row.slot)))) {
        settlement_.know(row);
      }
    }
  }
  void fetch_children(const KnownRow& parent) {
    for (const auto& [name, record] : records_) {
      const bool needs_it = std::ranges::any_of(record.needs, [&](const Claim::Need& need) {
        return need.table == parent.table && need.id == parent.id;
      });
      if (needs_it) change(name);
    }
  }

  const Target& target_;
  const Records& records_;
  Settlement settlement_;
  std::set<Name> claimed_, gone_;
};

// Whether a tenant was refused an id whose row nobody got. Then it is decided by who comes first,
// see Settlement.
bool has_vacant_id(const Settlement& settlement) {
  const auto outcome = outcome_of(settlement);
  for (const auto& [name, wait] : outcome.waiting) {
    const auto& [table, tenant, id] = name;
    if (wait.is_written || !wait.awaits.contains(settlement.event(table, id))) continue;
    const KnownRow* row = settlement.known(table, id);
    bool is_held = row != nullptr && !outcome.dead.contains({table, id});
    for (const Name& other : outcome.written) {
      is_held = is_held || (std::get<0>(other) == table && std::get<2>(other) == id);
    }
    if (!is_held) return true;
  }
  return false;
}

// Some records are put anew, changed or erased; which.
std::set<Name> change(SettlementCases& cases, std::size_t tables, Records& records) {
  std::set<Name> changed;
  for (std::size_t left = 1 + cases.below(4); left > 0; --left) {
    Claim claim = cases.claim(cases.below(tables));
    const Name name(claim.table, claim.tenant, claim.id);
    changed.insert(name);
    if (cases.one_in(3)) {
      records.erase(name);
    } else {
      records.insert_or_assign(name, std::move(claim));
    }
  }
  return changed;
}

TEST(IncrementalSettlement, DecidesWhatAFullOneWould) {
  constexpr std::uint64_t kWorlds = 20'000;
  constexpr int kRounds = 4;
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 0; seed < kWorlds; ++seed) {
    SettlementCases cases(seed);
    const auto tables = cases.tables();
    Records records;
    for (Claim& claim : cases.claims(0, tables.size())) {
      const Name name(claim.table, claim.tenant, claim.id);
      records.emplace(name, std::move(claim));
    }
    SettlementCase told{.tables = tables, .rows = cases.rows(tables.size())};
    told.claims = values(records);
    Target target{told.rows, {}};
    const Settlement first = told.settled();
    if (has_vacant_id(first)) continue;
    target.take(first, true);
    for (int round = 0; round < kRounds; ++round) {
      const Target before = target;
      const auto changed = change(cases, tables.size(), records);
      told.rows = before.rows;
      told.claims = values(records);
      const Settlement all = told.settled();
      if (has_vacant_id(all)) break;
      Target full = before;
      full.take(all, true);

      Increment increment(tables, before, records);
      for (const Name& name : changed) increment.change(name);
      target.take(increment.settle(), false);
      std::erase_if(target.waiting,
                    [&](const auto& each) { return !records.contains(each.first); });
      std::string names;
      for (const Name& name : changed) names += " " + text_of(name);
      ASSERT_EQ(target.text(false), full.text(false))
          << "seed " << seed << " round " << round << ", changed" << names << ": " << told.text()
          << "before: " << before.text(true);
      ++compared;
    }
  }
  EXPECT_GT(compared, 20'000U);
}

}  // namespace
}  // namespace tulving::storage::postgres
