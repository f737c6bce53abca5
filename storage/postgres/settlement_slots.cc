// Who of several has a slot.

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/base/check.h"
#include "storage/postgres/settlement.h"

namespace tulving::storage::postgres {

void Settlement::settle_slots(std::size_t table) {
  std::unordered_map<std::string, std::vector<std::size_t>> by_slot;
  for (const std::size_t claim : claims_by_table_[table]) {
    if (!claims_[claim].slot.empty() && verdicts_[claim].is_written) {
      by_slot[claims_[claim].slot].push_back(claim);
    }
  }
  for (const auto& [slot, claims] : by_slot) settle_slot(table, slot, claims);
}

// The claims of the slot, and rows with it that are not written anew.
std::vector<Settlement::Contender> Settlement::contenders_for(
    std::size_t table, const std::string& slot, const std::vector<std::size_t>& claims) const {
  std::vector<Contender> contenders;
  for (const std::size_t claim : claims) {
    const Claim& wanted = claims_[claim];
    contenders.push_back({{{}, wanted.tenant}, wanted.rank, &wanted.id, claim});
  }
  const Shelf& shelf = shelves_[table];
  const auto rows = shelf.row_slots.find(slot);
  if (rows == shelf.row_slots.end()) return contenders;
  for (const std::string& id : rows->second) {
    const KnownRow& row = shelf.rows.at(id);
    if (writer_of(row) == nullptr && stays(row)) {
      contenders.push_back({row.owner, row.rank, &row.id, {}});
    }
  }
  return contenders;
}

// Null: nobody's, or of a row that goes.
const Owner* Settlement::holder_of(std::size_t table, const std::string& slot) const {
  const Shelf& shelf = shelves_[table];
  const auto rows = shelf.row_slots.find(slot);
  if (rows == shelf.row_slots.end()) return nullptr;
  const Owner* holder = nullptr;
  for (const std::string& id : rows->second) {
    const KnownRow& row = shelf.rows.at(id);
    if (writer_of(row) == nullptr && !stays(row)) continue;
    if (holder == nullptr || !is_ours(row)) holder = &row.owner;
  }
  return holder;
}

void Settlement::settle_slot(std::size_t table, const std::string& slot,
                             const std::vector<std::size_t>& claims) {
  const auto contenders = contenders_for(table, slot, claims);
  if (contenders.size() == 1) return;
  const Owner* holder = holder_of(table, slot);
  // A holder none of whose records wants it any more holds it no longer.
  const bool is_kept = holder != nullptr && std::ranges::any_of(contenders, [&](const auto& each) {
                         return each.owner == *holder;
                       });
  const bool by_tenant = tables_[table].slot_is_key;
  const auto winner = std::ranges::min_element(contenders, {}, [&](const Contender& each) {
    return std::tuple(is_kept && each.owner != *holder, each.rank,
                      by_tenant ? std::string_view(each.owner.tenant) : std::string_view(),
                      std::string_view(*each.id));
  });
  for (auto each = contenders.begin(); each != contenders.end(); ++each) {
    if (each != winner) lose_slot(table, slot, *each, *winner);
  }
}

void Settlement::lose_slot(std::size_t table, const std::string& slot, const Contender& loser,
                           const Contender& winner) {
  std::string reason = "another record has this " + tables_[table].slot_noun + ": " + *winner.id;
  if (loser.owner != winner.owner) {
    reason += winner.owner.store.empty() ? ", of tenant \"" + winner.owner.tenant + "\""
                                         : ", of another store, " + winner.owner.store;
  }
  if (loser.claim) return lose(*loser.claim, std::move(reason), slot_event(table, slot));
  TULVING_DCHECK(loser.owner.store.empty());  // Others' rows never yield.
  shelves_[table].yielded[*loser.id] = true;
  if (const auto* placeholder = claim_of(table, loser.owner.tenant, *loser.id)) {
    verdicts_[*placeholder] = {.is_written = false};
  }
  waiting_.push_back(
      {table, loser.owner.tenant, *loser.id, {slot_event(table, slot)}, std::move(reason)});
}

}  // namespace tulving::storage::postgres
