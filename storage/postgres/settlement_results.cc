// What follows from what was settled: rows that go, and what happened.

#include <algorithm>
#include <tuple>

#include "storage/postgres/settlement.h"

namespace tulving::storage::postgres {

std::vector<const KnownRow*> Settlement::dead() const {
  std::vector<const KnownRow*> dead;
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    for (const auto& [id, row] : shelves_[table].rows) {
      if (!is_ours(row)) continue;
      if (const std::size_t* claim = writer_of(row)) {
        const bool is_moved = tables_[table].slot_is_key && claims_[*claim].slot != key_of(row);
        if (!verdicts_[*claim].is_written || is_moved) dead.push_back(&row);
      } else if (!stays(row)) {
        dead.push_back(&row);
      }
    }
  }
  std::ranges::sort(dead, {}, [](const KnownRow* row) { return std::tie(row->table, row->id); });
  return dead;
}

std::vector<std::string> Settlement::events() const {
  std::vector<std::string> events;
  // Also where there was no row: another tenant may have waited for the id of one that had none.
  each_gone([&](std::size_t table, const std::string& id) { events.push_back(event(table, id)); });
  for (const KnownRow* row : dead()) {
    events.push_back(event(row->table, row->id));
    if (!row->slot.empty()) events.push_back(slot_event(row->table, row->slot));
  }
  for (std::size_t claim = 0; claim < claims_.size(); ++claim) {
    if (!verdicts_[claim].is_written || verdicts_[claim].stands_back) continue;
    const Claim& written = claims_[claim];
    const KnownRow* row = known(written.table, written.id);
    if (row == nullptr || !is_ours(*row)) {
      events.push_back(event(written.table, written.id));
    } else if (!row->slot.empty() && (row->slot != written.slot || row->rank < written.rank)) {
      // Of a lower rank, it may be another's of its tenant now.
      events.push_back(slot_event(written.table, row->slot));
    }
  }
  std::ranges::sort(events);
  const auto repeated = std::ranges::unique(events);
  events.erase(repeated.begin(), repeated.end());
  return events;
}

}  // namespace tulving::storage::postgres
