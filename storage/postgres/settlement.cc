#include "storage/postgres/settlement.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/base/check.h"

namespace tulving::storage::postgres {

Settlement::Settlement(std::vector<Table> tables, bool is_full)
    : tables_(std::move(tables)),
      shelves_(tables_.size()),
      claims_by_table_(tables_.size()),
      is_full_(is_full) {}

void Settlement::know(KnownRow row) {
  TULVING_DCHECK(row.table < tables_.size());
  Shelf& shelf = shelves_[row.table];
  if (shelf.rows.contains(row.id)) return;
  if (!row.slot.empty()) shelf.row_slots[row.slot].push_back(row.id);
  std::string id = row.id;
  shelf.rows.emplace(std::move(id), std::move(row));
}

void Settlement::know_foreign(std::size_t table, std::string id) {
  shelves_[table].foreign[std::move(id)] = true;
}

void Settlement::gone(std::size_t table, std::string tenant, std::string id, bool is_erased) {
  TULVING_DCHECK(!is_full_);  // There it is told by what is not claimed.
  if (!is_erased) shelves_[table].left_out[id] = true;
  shelves_[table].gone[std::move(id)] = std::move(tenant);
}

void Settlement::claim(Claim claim) {
  TULVING_DCHECK(claim.table < tables_.size() && !claim.id.empty());
  auto& same = shelves_[claim.table].claims[claim.id];
  for (const std::size_t other : same) {
    if (claims_[other].tenant != claim.tenant) continue;
    if (!claim.is_placeholder) claims_[other] = std::move(claim);
    return;
  }
  same.push_back(claims_.size());
  claims_by_table_[claim.table].push_back(claims_.size());
  claims_.push_back(std::move(claim));
}

const std::size_t* Settlement::claim_of(std::size_t table, std::string_view tenant,
                                        std::string_view id) const {
  const auto& claims = shelves_[table].claims;
  const auto found = claims.find(std::string(id));
  if (found == claims.end()) return nullptr;
  const auto of_tenant = std::ranges::find_if(
      found->second, [&](std::size_t claim) { return claims_[claim].tenant == tenant; });
  return of_tenant == found->second.end() ? nullptr : &*of_tenant;
}

bool Settlement::claims_row(std::size_t table, std::string_view tenant, std::string_view id) const {
  return claim_of(table, tenant, id) != nullptr;
}

const Claim* Settlement::claim_for(std::size_t table, std::string_view tenant,
                                   std::string_view id) const {
  const std::size_t* claim = claim_of(table, tenant, id);
  return claim == nullptr ? nullptr : &claims_[*claim];
}

bool Settlement::is_gone(std::size_t table, std::string_view tenant, std::string_view id) const {
  const auto found = shelves_[table].gone.find(std::string(id));
  return found != shelves_[table].gone.end() && found->second == tenant;
}

bool Settlement::is_erased(std::size_t table, std::string_view tenant, std::string_view id) const {
  return is_gone(table, tenant, id) && !shelves_[table].left_out.contains(std::string(id));
}

bool Settlement::writes(std::size_t table, std::string_view tenant, std::string_view id) const {
  const std::size_t* claim = claim_of(table, tenant, id);
  return claim != nullptr && verdicts_[*claim].is_written && !verdicts_[*claim].stands_back;
}

const KnownRow* Settlement::known(std::size_t table, std::string_view id) const {
  const auto found = shelves_[table].rows.find(std::string(id));
  return found == shelves_[table].rows.end() ? nullptr : &found->second;
}

bool Settlement::has(std::size_t table, std::string_view tenant, std::string_view id) const {
  if (shelves_[table].foreign.contains(std::string(id))) return true;
  if (const std::size_t* claim = claim_of(table, tenant, id)) return verdicts_[*claim].is_written;
  const KnownRow* row = known(table, id);
  return row != nullptr && is_ours(*row) && row->owner.tenant == tenant && stays(*row);
}

std::string Settlement::slot_of(std::size_t table, std::string_view tenant,
                                std::string_view id) const {
  if (const std::size_t* claim = claim_of(table, tenant, id)) return claims_[*claim].slot;
  const KnownRow* row = known(table, id);
  return row == nullptr ? std::string() : row->slot;
}

// Of a table whose slot is its key. Earlier releases' rows have none: their key was the id.
const std::string& Settlement::key_of(const KnownRow& row) {
  return row.slot.empty() ? row.id : row.slot;
}

// Whether a row that is not claimed by its owner is there afterwards.
bool Settlement::stays(const KnownRow& row) const {
  if (!is_ours(row)) return true;
  const Shelf& shelf = shelves_[row.table];
  if (shelf.yielded.contains(row.id)) return false;
  if (is_full_) return !scope_.empty() && !scope_.contains(row.owner.tenant);
  const auto gone = shelf.gone.find(row.id);
  return gone == shelf.gone.end() || gone->second != row.owner.tenant;
}

std::string Settlement::event(std::size_t table, std::string_view id) const {
  return tables_[table].name + "#" + std::string(id);
}
std::string Settlement::slot_event(std::size_t table, std::string_view slot) const {
  return tables_[table].name + "=" + std::string(slot);
}

void Settlement::lose(std::size_t claim, std::string reason, std::string awaits) {
  verdicts_[claim].is_written = false;
  const Claim& lost = claims_[claim];
  waiting_.push_back({lost.table, lost.tenant, lost.id, {std::move(awaits)}, std::move(reason)});
}

void Settlement::settle() {
  verdicts_.assign(claims_.size(), {});
  waiting_.clear();
  for (Shelf& shelf : shelves_) shelf.yielded.clear();
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    settle_ids(table);
    settle_needs(table);
    settle_slots(table);
  }
}

void Settlement::settle_ids(std::size_t table) {
  for (const auto& [id, claims] : shelves_[table].claims) {
    const KnownRow* row = known(table, id);
    const bool is_held =
        row != nullptr && (claim_of(table, row->owner.tenant, id) != nullptr || stays(*row));
    std::string_view first = claims_[claims.front()].tenant;
    for (const std::size_t claim : claims) {
      first = std::min(first, std::string_view(claims_[claim].tenant));
    }
    for (const std::size_t claim : claims) {
      const std::string& tenant = claims_[claim].tenant;
      if (is_held && !is_ours(*row)) {
        lose(claim, "the row of this id came from another store, " + row->owner.store,
             event(table, id));
      } else if (is_held && row->owner.tenant != tenant) {
        lose(claim, "the row of this id is tenant \"" + row->owner.tenant + "\"'s",
             event(table, id));
      } else if (!is_held && tenant != first) {
        lose(claim, "tenant \"" + std::string(first) + "\" has this id, too", event(table, id));
      } else if (claims_[claim].is_placeholder && is_held && !is_full_) {
        verdicts_[claim].stands_back = stays(*row);
      }
    }
  }
}

void Settlement::settle_needs(std::size_t table) {
  for (const std::size_t claim : claims_by_table_[table]) {
    if (!verdicts_[claim].is_written) continue;
    const Claim& wanted = claims_[claim];
    std::vector<std::string> cleared;
    for (const auto& need : wanted.needs) {
      TULVING_DCHECK(need.table < table);  // Parents are settled first.
      if (has(need.table, wanted.tenant, need.id)) continue;
      if (!need.is_required) {
        cleared.push_back(event(need.table, need.id));
        continue;
      }
      lose(claim, "what it belongs to is not there: " + tables_[need.table].name + " " + need.id,
           event(need.table, need.id));
      break;
    }
    if (verdicts_[claim].is_written && !cleared.empty()) {
      waiting_.push_back({table, wanted.tenant, wanted.id, std::move(cleared), {}});
    }
  }
}

void Settlement::settle_slots(std::size_t table) {
  std::unordered_map<std::string, std::vector<std::size_t>> by_slot;
  for (const std::size_t claim : claims_by_table_[table]) {
    if (!claims_[claim].slot.empty() && verdicts_[claim].is_written) {
      by_slot[claims_[claim].slot].push_back(claim);
    }
  }
  for (const auto& [slot, claims] : by_slot) settle_slot(table, slot, claims);
}

void Settlement::settle_slot(std::size_t table, const std::string& slot,
                             const std::vector<std::size_t>& claims) {
  Shelf& shelf = shelves_[table];
  const Table& rules = tables_[table];
  struct Contender {
    const Owner* owner;
    std::int64_t rank;
    const std::string* id;
    const std::size_t* claim;
  };
  std::vector<Owner> owners;  // Of the claims; those of rows are the rows' own.
  owners.reserve(claims.size());
  std::vector<Contender> contenders;
  for (const std::size_t& claim : claims) {
    owners.push_back({{}, claims_[claim].tenant});
    contenders.push_back({&owners.back(), claims_[claim].rank, &claims_[claim].id, &claim});
  }
  const Owner* holder = nullptr;
  if (const auto rows = shelf.row_slots.find(slot); rows != shelf.row_slots.end()) {
    for (const std::string& id : rows->second) {
      const KnownRow& row = shelf.rows.at(id);
      const bool is_claimed = is_ours(row) && claim_of(table, row.owner.tenant, id) != nullptr;
      if (!is_claimed && !stays(row)) continue;
      if (!is_claimed) contenders.push_back({&row.owner, row.rank, &row.id, nullptr});
      if (holder == nullptr || !is_ours(row)) holder = &row.owner;
    }
  }
  if (contenders.size() == 1) return;
  // A holder none of whose records wants it any more holds it no longer.
  const bool is_kept = holder != nullptr && std::ranges::any_of(contenders, [&](const auto& each) {
                         return *each.owner == *holder;
                       });
  const auto order = [&](const Contender& each) {
    const bool by_tenant = rules.slot_is_key;
    return std::tuple(is_kept && *each.owner != *holder, each.rank,
                      by_tenant ? each.owner->tenant : std::string(), *each.id);
  };
  const auto winner = std::ranges::min_element(contenders, {}, order);
  for (auto each = contenders.begin(); each != contenders.end(); ++each) {
    if (each == winner) continue;
    const bool is_own = *each->owner == *winner->owner;
    std::string reason = "another record has this " + rules.slot_noun + ": " + *winner->id;
    if (!is_own && !winner->owner->store.empty()) {
      reason += ", of another store, " + winner->owner->store;
    } else if (!is_own) {
      reason += ", of tenant \"" + winner->owner->tenant + "\"";
    }
    if (each->claim != nullptr) {
      lose(*each->claim, std::move(reason), slot_event(table, slot));
    } else {
      TULVING_DCHECK(each->owner->store.empty());  // Others' rows never yield.
      shelf.yielded[*each->id] = true;
      waiting_.push_back(
          {table, each->owner->tenant, *each->id, {slot_event(table, slot)}, std::move(reason)});
    }
  }
}

std::vector<const KnownRow*> Settlement::dead() const {
  std::vector<const KnownRow*> dead;
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    for (const auto& [id, row] : shelves_[table].rows) {
      if (!is_ours(row)) continue;
      if (const std::size_t* claim = claim_of(table, row.owner.tenant, id)) {
        const bool is_moved = tables_[table].slot_is_key && claims_[*claim].slot != key_of(row);
        if (!verdicts_[*claim].is_written || is_moved) dead.push_back(&row);
      } else if (!stays(row)) {
        dead.push_back(&row);
      }
    }
  }
  return dead;
}

std::vector<std::string> Settlement::events() const {
  std::vector<std::string> events;
  for (const KnownRow* row : dead()) {
    events.push_back(event(row->table, row->id));
    if (!row->slot.empty()) events.push_back(slot_event(row->table, row->slot));
  }
  for (std::size_t claim = 0; claim < claims_.size(); ++claim) {
    if (!verdicts_[claim].is_written) continue;
    const Claim& written = claims_[claim];
    const KnownRow* row = known(written.table, written.id);
    if (row == nullptr || !is_ours(*row)) {
      events.push_back(event(written.table, written.id));
    } else if (!row->slot.empty() && row->slot != written.slot) {
      events.push_back(slot_event(written.table, row->slot));
    }
  }
  return events;
}

}  // namespace tulving::storage::postgres
