#include "storage/postgres/claims.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

std::vector<Settlement::Table> settled_tables(const Projection& projection) {
  std::vector<Settlement::Table> tables;
  for (const TableSpec& table : projection.tables) {
    tables.push_back({std::string(table.name), std::string(table.slot_noun), table.slot_is_key()});
  }
  return tables;
}

}  // namespace

Claims::Claims(Source& source, const Projection& projection, LedgerRows& ledger, SkipList& skips,
               std::uint64_t floor)
    : source_(source),
      projection_(projection),
      ledger_(ledger),
      skips_(skips),
      floor_(floor),
      settlement_(settled_tables(projection), !source.info().since),
      placeholders_(projection.tables.size()) {
  if (!source.scope().empty()) settlement_.limit_to(source.scope());
}

// Parts of a row claim nothing: their parent does.
bool Claims::is_claimed(const TableSpec& table) const {
  return table.ownership != Ownership::kParent && !external_.contains(std::string(table.name));
}

// What of the rows that are needed is there, in tables that others keep.
Status Claims::find_external() {
  for (const std::string& name : external_) {
    const auto place =
        static_cast<std::size_t>(projection_.table(name) - projection_.tables.data());
    std::vector<std::string> ids;
    for (const Claim& claim : settlement_.claims()) {
      for (const auto& need : claim.needs) {
        if (need.table == place) ids.push_back(need.id);
      }
    }
    auto there = ledger_.existing(projection_.tables[place], ids);
    if (!there) return there.error();
    for (std::string& id : *there) settlement_.know_foreign(place, std::move(id));
  }
  return {};
}

Status Claims::gather() {
  SourceKinds kinds;
  for (const TableSpec& table : projection_.tables) {
    if (table.source != kEmbeddingKind) kinds.insert(table.source);
  }
  // Of a full snapshot each vector's memory is there, too.
  if (!is_full()) kinds.insert(kEmbeddingKind);
  auto status = source_.visit({kinds, floor_}, [this](const SourceRecord& record) -> Status {
    add(record);
    return {};
  });
  if (!status || is_full()) return status;
  return source_.visit_gone(
      floor_, [this](std::uint32_t tenant, const SourceTombstone& tombstone) -> Status {
        add_gone(tenant, tombstone);
        return {};
      });
}

void Claims::add(const SourceRecord& record) {
  const std::string id = record_id(record);
  const std::string tenant(record.tenant_id);
  for (std::size_t place = 0; place < projection_.tables.size(); ++place) {
    const TableSpec& table = projection_.tables[place];
    if (record.kind == kEmbeddingKind) {
      const std::string memory = record.embedding->memory.to_string();
      if (table.source == RecordKind::kMemory && is_claimed(table)) {
        embedded_.push_back(settlement_.event(place, memory));
        brought_[memory].emplace(record.embedding->model);
      }
      if (table.source == kEmbeddingKind) ++rows_;
      continue;
    }
    if (table.source != record.kind) continue;
    if (table.takes(record)) rows_ += table.elements == nullptr ? 1 : table.elements(record);
    if (!is_claimed(table)) continue;
    std::string why =
        table.takes(record) ? why_not_holdable(table, record, projection_.schema) : "";
    if (!why.empty()) {
      skips_.add(table.name, {tenant, std::string(kind_name(record.kind)), id, std::move(why)});
    } else if (table.takes(record)) {
      Claim claim{.table = place, .tenant = tenant, .id = id};
      if (table.slot != nullptr) claim.slot = table.slot(record);
      if (table.rank != nullptr) claim.rank = table.rank(record);
      for (const Column& column : table.columns) {
        if (column.reference.id == nullptr) continue;
        const TableSpec* parent = projection_.table(column.reference.table);
        TULVING_DCHECK(parent != nullptr && parent < &table);
        std::string needed = column.reference.id(record);
        if (needed.empty()) continue;
        claim.needs.push_back({static_cast<std::size_t>(parent - projection_.tables.data()),
                               std::move(needed),
                               column.reference.when_missing == WhenMissing::kSkip});
      }
      settlement_.claim(std::move(claim));
      add_placeholders(record);
      continue;
    }
    if (!is_full()) settlement_.gone(place, tenant, id, false);
  }
}

void Claims::add_placeholders(const SourceRecord& record) {
  if (projection_.placeholders == nullptr) return;
  for (Placeholder& named : projection_.placeholders(record)) {
    const TableSpec* table = projection_.table(named.table);
    TULVING_DCHECK(table != nullptr && table->has_placeholders);
    if (!is_claimed(*table)) continue;
    const auto place = static_cast<std::size_t>(table - projection_.tables.data());
    std::string id = Uuid::standing_for(record.tenant_id, named.name).to_string();
    settlement_.claim({.table = place,
                       .tenant = std::string(record.tenant_id),
                       .id = id,
                       .is_placeholder = true});
    placeholders_[place].try_emplace({record.tenant, std::move(id)},
                                     Named{record.tenant, std::move(named.name)});
  }
}

void Claims::add_gone(std::uint32_t tenant, const SourceTombstone& tombstone) {
  const std::string& name = source_.tenant_id(tenant);
  if (tombstone.kind == kEmbeddingKind) {
    const auto slash = tombstone.id.find('/');
    if (slash == std::string::npos) return;
    gone_vectors_.push_back({name, tombstone.id.substr(0, slash), tombstone.id.substr(slash + 1)});
    return;
  }
  if (Uuid::parse(tombstone.id)) gone_ids_.push_back(tombstone.id);
  for (std::size_t place = 0; place < projection_.tables.size(); ++place) {
    const TableSpec& table = projection_.tables[place];
    if (table.source == tombstone.kind && is_claimed(table)) {
      settlement_.gone(place, name, tombstone.id, true);
    }
  }
}

// Of all that an incremental snapshot touches.
std::vector<std::string> Claims::names() const {
  std::vector<std::string> names = embedded_;
  for (const Claim& claim : settlement_.claims()) {
    names.push_back(settlement_.event(claim.table, claim.id));
    if (!claim.slot.empty()) names.push_back(settlement_.slot_event(claim.table, claim.slot));
    for (const auto& need : claim.needs) names.push_back(settlement_.event(need.table, need.id));
  }
  settlement_.each_gone([&](std::size_t table, const std::string& id) {
    names.push_back(settlement_.event(table, id));
  });
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Status Claims::settle(const Fetch& fetch) {
  if (is_full()) {
    if (auto status = ledger_.read_all(settlement_); !status) return status;
    if (auto status = find_external(); !status) return status;
    settlement_.settle();
    list_losers();
    return {};
  }
  for (bool is_more = true; is_more;) {
    if (auto status = ledger_.read_named(names(), settlement_); !status) return status;
    if (auto status = find_external(); !status) return status;
    settlement_.settle();
    is_more = false;
    auto waiters = absent_waiters();
    if (!waiters) return waiters.error();
    if (!fetch) {
      list_unfetched(*waiters);
    } else if (auto status = fetch_waiters(*waiters, fetch, is_more); !status) {
      return status;
    }
  }
  if (fetch) {
    if (auto status = fetch_vectors(fetch); !status) return status;
  }
  list_losers();
  return {};
}

// Those that waited for something that this sync brings or frees, and whose records it does not
// bring.
Result<std::vector<LedgerRows::Waiter>> Claims::absent_waiters() {
  auto events = settlement_.events();
  events.insert(events.end(), freed_.begin(), freed_.end());
  auto waiters = ledger_.waiters(events);
  if (!waiters) return waiters.error();
  std::erase_if(*waiters, [&](const LedgerRows::Waiter& waiter) {
    const TableSpec* table = projection_.table(waiter.table);
    if (table == nullptr || !source_.tenant_number(waiter.tenant)) return true;
    const auto place = static_cast<std::size_t>(table - projection_.tables.data());
    return settlement_.claims_row(place, waiter.tenant, waiter.id) ||
           settlement_.is_gone(place, waiter.tenant, waiter.id);
  });
  return waiters;
}

void Claims::list_unfetched(const std::vector<LedgerRows::Waiter>& waiters) {
  for (const auto& waiter : waiters) {
    const TableSpec& table = *projection_.table(waiter.table);
    skips_.add(table.name, {waiter.tenant, std::string(kind_name(table.source)), waiter.id,
                            "what it waited for has come, but it is not in this incremental "
                            "snapshot; a full one brings it: " +
                                waiter.awaits});
  }
}

Status Claims::fetch_waiters(const std::vector<LedgerRows::Waiter>& waiters, const Fetch& fetch,
                             bool& is_more) {
  for (const auto& waiter : waiters) {
    const TableSpec* table = projection_.table(waiter.table);
    const auto tenant = source_.tenant_number(waiter.tenant);
    TULVING_DCHECK(table != nullptr && tenant);
    // Of one that waited for two things, the first brought it.
    const auto place = static_cast<std::size_t>(table - projection_.tables.data());
    if (settlement_.claims_row(place, waiter.tenant, waiter.id)) continue;
    // Where the slot is the key, it is what the record is found by.
    const std::string slot = table->slot_is_key() && waiter.awaits.find('=') != std::string::npos
                                 ? waiter.awaits.substr(waiter.awaits.find('=') + 1)
                                 : std::string();
    const bool by_name = !slot.empty() && (table->source == RecordKind::kUserProfile ||
                                           table->source == RecordKind::kConsolidationTask);
    auto fetched = fetch(waiter.tenant, table->source, by_name ? slot : waiter.id);
    if (!fetched) return fetched.error();
    if (!*fetched) continue;
    const SourceRecord record{.tenant = *tenant,
                              .tenant_id = source_.tenant_id(*tenant),
                              .kind = table->source,
                              .value = &**fetched};
    add(record);
    source_.add({*tenant, **std::move(fetched)}, false);
    is_more = true;
  }
  return {};
}

// A row that is new may be of a memory that is not, so that the snapshot brings no vector of it, or
// not those of all models.
Status Claims::fetch_vectors(const Fetch& fetch) {
  const std::size_t models = source_.model_names().size();
  std::set<std::pair<std::string, std::string>> asked;
  for (const Claim& claim : settlement_.claims()) {
    const auto& brought = brought_[claim.id];
    if (projection_.tables[claim.table].source != RecordKind::kMemory ||
        settlement_.known(claim.table, claim.id) != nullptr ||
        !settlement_.writes(claim.table, claim.tenant, claim.id) || brought.size() >= models ||
        source_.has_added(claim.id) || !asked.emplace(claim.tenant, claim.id).second) {
      continue;
    }
    auto fetched = fetch(claim.tenant, RecordKind::kMemory, claim.id);
    if (!fetched) return fetched.error();
    if (!*fetched) continue;
    auto& embeddings = std::get<Memory>(**fetched).embeddings;
    std::erase_if(embeddings, [&](const Embedding& each) { return brought.contains(each.model); });
    if (embeddings.empty()) continue;
    source_.add({*source_.tenant_number(claim.tenant), **std::move(fetched)}, true);
  }
  return {};
}

void Claims::list_losers() {
  auto losers = settlement_.waiting();
  std::ranges::sort(losers, {},
                    [](const Waiting& each) { return std::tie(each.tenant, each.table, each.id); });
  for (const Waiting& loser : losers) {
    if (loser.reason.empty()) continue;
    const TableSpec& table = projection_.tables[loser.table];
    skips_.add(table.name,
               {loser.tenant, std::string(kind_name(table.source)), loser.id, loser.reason});
  }
}

Status Claims::visit_placeholders(std::size_t table, const Visit& visit) const {
  for (const auto& [key, named] : placeholders_[table]) {
    const std::string& tenant = source_.tenant_id(named.tenant);
    const auto* const claim = settlement_.claim_for(table, tenant, key.second);
    if (claim == nullptr || !claim->is_placeholder ||
        !settlement_.writes(table, tenant, key.second)) {
      continue;
    }
    Record record;
    if (projection_.tables[table].source == RecordKind::kTask) {
      record.emplace<Task>().task_id = named.name;
    } else {
      record.emplace<Project>().project_id = named.name;
    }
    const SourceRecord made{.tenant = named.tenant,
                            .tenant_id = tenant,
                            .kind = projection_.tables[table].source,
                            .value = &record};
    if (auto status = visit(made); !status) return status;
  }
  return {};
}

}  // namespace tulving::storage::postgres
