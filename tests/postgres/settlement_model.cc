#include "tests/postgres/settlement_model.h"

#include <algorithm>
#include <functional>

namespace tulving::storage::postgres {
namespace {

using Name = SettlementCase::Name;

Name name_of(const Claim& claim) { return {claim.table, claim.tenant, claim.id}; }

// One settlement by the book. "Wants" is a record's claim, "has" is what was decided.
class SlowSettlement {
 public:
  explicit SlowSettlement(const SettlementCase& told) : told_(told) {
    for (const Claim& claim : told.claims) {
      const auto [at, is_new] = wants_.try_emplace(name_of(claim), claim);
      if (!is_new && !claim.is_placeholder) at->second = claim;
    }
  }

  SettlementOutcome settle() {
    for (std::size_t table = 0; table < told_.tables.size(); ++table) {
      each_wanted(table, [&](const Claim& claim) { settle_id(claim); });
      each_wanted(table, [&](const Claim& claim) { settle_required(claim); });
      std::set<std::string> slots;
      each_wanted(table, [&](const Claim& claim) { slots.insert(claim.slot); });
      slots.erase("");
      for (const std::string& slot : slots) settle_slot(table, slot);
      each_wanted(table, [&](const Claim& claim) { note_optional(claim); });
    }
    bury();
    return outcome_;
  }

 private:
  void each_wanted(std::size_t table, const std::function<void(const Claim&)>& visit) {
    for (const auto& [name, claim] : wants_) {
      if (claim.table == table) visit(claim);
    }
  }
  [[nodiscard]] const KnownRow* row_of(std::size_t table, const std::string& id) const {
    for (const KnownRow& row : told_.rows) {
      if (row.table == table && row.id == id) return &row;
    }
    return nullptr;
  }
  [[nodiscard]] bool is_wanted_by_owner(const KnownRow& row) const {
    return row.owner.store.empty() && wants_.contains({row.table, row.owner.tenant, row.id});
  }
  // Whether a row that its owner's records do not want is not there afterwards.
  [[nodiscard]] bool leaves(const KnownRow& row) const {
    if (!row.owner.store.empty()) return false;
    if (yielded_.contains({row.table, row.id})) return true;
    if (told_.is_full) return told_.scope.empty() || told_.scope.contains(row.owner.tenant);
    return std::ranges::count(told_.gone, Name(row.table, row.owner.tenant, row.id)) > 0;
  }
  [[nodiscard]] bool is_there(std::size_t table, const std::string& tenant,
                              const std::string& id) const {
    if (told_.foreign.contains({table, id})) return true;
    if (wants_.contains({table, tenant, id})) return outcome_.there.contains({table, tenant, id});
    const KnownRow* row = row_of(table, id);
    return row != nullptr && row->owner == Owner{{}, tenant} && !leaves(*row);
  }
  [[nodiscard]] std::string came(std::size_t table, const std::string& id) const {
    return told_.tables[table].name + "#" + id;
  }
  void lose(const Name& name, std::string awaits) {
    outcome_.written.erase(name);
    outcome_.there.erase(name);
    outcome_.waiting.insert({name, {{std::move(awaits)}, false}});
  }

  // The owner keeps it, of whatever store; else the first tenant that wants it gets it.
  void settle_id(const Claim& claim) {
    const KnownRow* row = row_of(claim.table, claim.id);
    Owner owner;
    if (row != nullptr && (is_wanted_by_owner(*row) || !leaves(*row))) {
      owner = row->owner;
    } else {
      std::set<std::string> tenants;
      each_wanted(claim.table, [&](const Claim& other) {
        if (other.id == claim.id) tenants.insert(other.tenant);
      });
      owner.tenant = *tenants.begin();
    }
    if (owner != Owner{{}, claim.tenant}) return lose(name_of(claim), came(claim.table, claim.id));
    outcome_.there.insert(name_of(claim));
    const bool has_row = row != nullptr && row->owner == owner && !leaves(*row);
    const bool stands_back = claim.is_placeholder && !told_.is_full && has_row;
    if (!stands_back) outcome_.written.insert(name_of(claim));
  }

  void settle_required(const Claim& claim) {
    if (!outcome_.there.contains(name_of(claim))) return;
    for (const auto& need : claim.needs) {
      if (!need.is_required || is_there(need.table, claim.tenant, need.id)) continue;
      return lose(name_of(claim), came(need.table, need.id));
    }
  }

  struct Wanting {
    Owner owner;
    std::int64_t rank;
    std::string id;
    bool is_claim;
  };
  void settle_slot(std::size_t table, const std::string& slot) {
    std::vector<Wanting> all;
    for (const Name& name : outcome_.written) {
      const Claim& claim = wants_.at(name);
      if (claim.table != table || claim.slot != slot) continue;
      all.push_back({{{}, claim.tenant}, claim.rank, claim.id, true});
    }
    std::optional<Owner> holder;
    for (const KnownRow& row : told_.rows) {
      if (row.table != table || row.slot != slot) continue;
      const Name name(table, row.owner.tenant, row.id);
      const bool is_written_anew = is_wanted_by_owner(row) && !stands_back(name);
      if (!is_written_anew && leaves(row)) continue;
      holder = row.owner;
      if (!is_written_anew) all.push_back({row.owner, row.rank, row.id, false});
    }
    std::vector<Wanting> best = all;
    std::erase_if(best, [&](const Wanting& each) { return each.owner != holder; });
    if (best.empty()) best = all;
    if (best.empty()) return;
    const bool by_tenant = told_.tables[table].slot_is_key;
    const Wanting winner = *std::ranges::min_element(best, {}, [&](const Wanting& each) {
      return std::tuple(each.rank, by_tenant ? each.owner.tenant : "", each.id);
    });
    const std::string freed = told_.tables[table].name + "=" + slot;
    for (const Wanting& each : all) {
      if (each.id == winner.id && each.owner == winner.owner) continue;
      if (!each.is_claim) yielded_.insert({table, each.id});
      lose({table, each.owner.tenant, each.id}, freed);
    }
  }
  [[nodiscard]] bool stands_back(const Name& name) const {
    return outcome_.there.contains(name) && !outcome_.written.contains(name);
  }

  void note_optional(const Claim& claim) {
    if (!outcome_.there.contains(name_of(claim))) return;
    std::set<std::string> unmet;
    for (const auto& need : claim.needs) {
      if (is_there(need.table, claim.tenant, need.id)) continue;
      unmet.insert(came(need.table, need.id));
    }
    if (!unmet.empty()) outcome_.waiting.insert({name_of(claim), {unmet, true}});
  }

  void bury() {
    for (const KnownRow& row : told_.rows) {
      if (!row.owner.store.empty()) continue;
      const Name name(row.table, row.owner.tenant, row.id);
      bool is_kept = is_wanted_by_owner(row) ? outcome_.there.contains(name) : !leaves(row);
      if (outcome_.written.contains(name) && told_.tables[row.table].slot_is_key) {
        is_kept = wants_.at(name).slot == (row.slot.empty() ? row.id : row.slot);
      }
      if (!is_kept) outcome_.dead.insert({row.table, row.id});
    }
  }

  const SettlementCase& told_;
  std::map<Name, Claim> wants_;
  std::set<std::pair<std::size_t, std::string>> yielded_;
  SettlementOutcome outcome_;
};

}  // namespace

std::string text_of(const Name& name) {
  const auto& [table, tenant, id] = name;
  return std::to_string(table) + ":" + tenant + "/" + id;
}

Settlement SettlementCase::settled() const {
  Settlement settlement(tables, is_full);
  for (const std::string& tenant : scope) settlement.limit_to(tenant);
  for (const KnownRow& row : rows) settlement.know(row);
  for (const auto& [table, id] : foreign) settlement.know_foreign(table, id);
  for (const auto& [table, tenant, id] : gone) settlement.gone(table, tenant, id);
  for (const Claim& each : claims) settlement.claim(each);
  settlement.settle();
  return settlement;
}

std::string SettlementCase::text() const {
  std::string text = is_full ? "full" : "incremental";
  for (const auto& table : tables) text += table.slot_is_key ? " key" : " -";
  for (const auto& tenant : scope) text += " only " + tenant;
  for (const KnownRow& row : rows) {
    text += "\n  row " + text_of({row.table, row.owner.tenant, row.id}) + " store '" +
            row.owner.store + "' slot '" + row.slot + "' rank " + std::to_string(row.rank);
  }
  for (const auto& [table, id] : foreign) text += "\n  foreign " + text_of({table, "", id});
  for (const Name& name : gone) text += "\n  gone " + text_of(name);
  for (const Claim& claim : claims) {
    text += "\n  claim " + text_of(name_of(claim)) + " slot '" + claim.slot + "' rank " +
            std::to_string(claim.rank) + (claim.is_placeholder ? " placeholder" : "");
    for (const auto& need : claim.needs) {
      text += std::string(need.is_required ? " needs " : " may need ") +
              text_of({need.table, "", need.id});
    }
  }
  return text + "\n";
}

std::string SettlementOutcome::text() const {
  std::string text = "written";
  for (const Name& name : written) text += " " + text_of(name);
  text += "\n  there";
  for (const Name& name : there) text += " " + text_of(name);
  text += "\n  dead";
  for (const auto& [table, id] : dead) text += " " + text_of({table, "", id});
  for (const auto& [name, wait] : waiting) {
    text += "\n  " + text_of(name) + (wait.is_written ? " (written)" : "") + " waits for";
    for (const std::string& event : wait.awaits) text += " " + event;
  }
  return text + "\n";
}

SettlementOutcome outcome_of(const Settlement& settlement) {
  SettlementOutcome outcome;
  for (std::size_t i = 0; i < settlement.claims().size(); ++i) {
    const Claim& claim = settlement.claims()[i];
    if (settlement.is_written(i)) outcome.there.insert(name_of(claim));
    if (settlement.writes(claim.table, claim.tenant, claim.id)) {
      outcome.written.insert(name_of(claim));
    }
  }
  for (const KnownRow* row : settlement.dead()) outcome.dead.insert({row->table, row->id});
  for (const Waiting& each : settlement.waiting()) {
    outcome.waiting.insert({{each.table, each.tenant, each.id},
                            {{each.awaits.begin(), each.awaits.end()}, each.reason.empty()}});
  }
  return outcome;
}

SettlementOutcome settle_slowly(const SettlementCase& told) {
  return SlowSettlement(told).settle();
}

}  // namespace tulving::storage::postgres
