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
  shelves_[table].gone[std::move(id)].push_back(std::move(tenant));
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
  return found != shelves_[table].gone.end() &&
         std::ranges::find(found->second, tenant) != found->second.end();
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
  const std::size_t* claim = claim_of(table, tenant, id);
  if (claim != nullptr && !verdicts_[*claim].stands_back) return claims_[*claim].slot;
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
  return !is_gone(row.table, row.owner.tenant, row.id);
}

// The claim by which the row is written anew. Null: it is as it was, or goes.
const std::size_t* Settlement::writer_of(const KnownRow& row) const {
  const std::size_t* claim = is_ours(row) ? claim_of(row.table, row.owner.tenant, row.id) : nullptr;
  return claim == nullptr || verdicts_[*claim].stands_back ? nullptr : claim;
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
    note_optional(table);
  }
  std::ranges::sort(waiting_, {},
                    [](const Waiting& each) { return std::tie(each.table, each.tenant, each.id); });
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
    for (const auto& need : wanted.needs) {
      TULVING_DCHECK(need.table < table);  // Parents are settled first.
      if (!need.is_required || has(need.table, wanted.tenant, need.id)) continue;
      lose(claim, "what it belongs to is not there: " + tables_[need.table].name + " " + need.id,
           event(need.table, need.id));
      break;
    }
  }
}

// Once the table's losers are known: they wait for something else.
void Settlement::note_optional(std::size_t table) {
  for (const std::size_t claim : claims_by_table_[table]) {
    if (!verdicts_[claim].is_written) continue;
    const Claim& written = claims_[claim];
    std::vector<std::string> cleared;
    for (const auto& need : written.needs) {
      if (has(need.table, written.tenant, need.id)) continue;
      cleared.push_back(event(need.table, need.id));
    }
    if (cleared.empty()) continue;
    waiting_.push_back({table, written.tenant, written.id, std::move(cleared), {}});
  }
}

}  // namespace tulving::storage::postgres
