#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/postgres/settlement_model.h"

namespace tulving::storage::postgres {

/// Small worlds, so that what they hold meets: two to three tables, tenants, ids and slots.
class SettlementCases {
 public:
  explicit SettlementCases(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  bool one_in(std::size_t bound) { return below(bound) == 0; }
  template <class List>
  void shuffle(List& list) {
    std::shuffle(list.begin(), list.end(), random_);
  }
  std::string tenant() { return std::vector<std::string>{"a", "b", "B"}[below(3)]; }
  std::string id() { return std::string(1, "wxyz"[below(4)]); }
  std::string slot() { return std::vector<std::string>{"", "s", "t"}[below(3)]; }
  std::int64_t rank() { return static_cast<std::int64_t>(below(3)); }

  Claim claim(std::size_t table) {
    Claim claim{.table = table, .tenant = tenant(), .id = id(), .slot = slot(), .rank = rank()};
    give_needs(claim);
    return claim;
  }
  void give_needs(Claim& claim) {
    claim.needs.clear();
    if (claim.table == 0) return;
    for (std::size_t left = below(3); left > 0; --left) {
      claim.needs.push_back({below(claim.table), id(), one_in(2)});
    }
  }

  std::vector<Settlement::Table> tables() {
    std::vector<Settlement::Table> tables;
    for (const char* name : {"first", "second", "third"}) {
      tables.push_back({.name = name, .slot_is_key = one_in(3)});
    }
    if (one_in(2)) tables.pop_back();
    return tables;
  }
  /// Ledger rows: an id and a slot once a table.
  std::vector<KnownRow> rows(std::size_t tables) {
    std::vector<KnownRow> rows;
    for (std::size_t table = 0; table < tables; ++table) {
      for (std::size_t left = below(4); left > 0; --left) {
        KnownRow row{.table = table,
                     .id = id(),
                     .owner = {one_in(5) ? "other" : "", tenant()},
                     .slot = slot(),
                     .rank = rank()};
        const bool is_taken = std::ranges::any_of(rows, [&](const KnownRow& other) {
          return other.table == table &&
                 (other.id == row.id || (!row.slot.empty() && other.slot == row.slot));
        });
        if (!is_taken) rows.push_back(std::move(row));
      }
    }
    return rows;
  }
  /// A record of a name once, whatever placeholders there are of it.
  std::vector<Claim> claims(std::size_t first, std::size_t tables) {
    std::vector<Claim> claims;
    for (std::size_t table = first; table < tables; ++table) {
      for (std::size_t left = below(6); left > 0; --left) {
        Claim made = claim(table);
        const bool is_taken = std::ranges::any_of(claims, [&](const Claim& other) {
          return other.table == table && other.tenant == made.tenant && other.id == made.id;
        });
        if (!is_taken) claims.push_back(std::move(made));
      }
    }
    return claims;
  }

  SettlementCase any() {
    SettlementCase made{.tables = tables(), .is_full = one_in(2)};
    const std::size_t count = made.tables.size();
    made.rows = rows(count);
    const bool is_foreign = one_in(5);  // The first table is kept by others.
    if (is_foreign) {
      std::erase_if(made.rows, [](const KnownRow& row) { return row.table == 0; });
      for (std::size_t left = below(4); left > 0; --left) made.foreign.insert({0, id()});
    }
    made.claims = claims(is_foreign ? 1 : 0, count);
    for (std::size_t left = is_foreign ? 0 : below(4); left > 0; --left) {
      made.claims.push_back({.table = 0, .tenant = tenant(), .id = id(), .is_placeholder = true});
    }
    if (made.is_full && one_in(3)) {
      made.scope = {tenant()};
      std::erase_if(made.claims,
                    [&](const Claim& each) { return !made.scope.contains(each.tenant); });
    }
    for (std::size_t left = made.is_full ? 0 : below(6); left > 0; --left) {
      made.gone.push_back({below(count), tenant(), id()});
    }
    shuffle(made.claims);
    return made;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace tulving::storage::postgres
