#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "storage/postgres/settlement.h"

namespace tulving::storage::postgres {

/// All that a Settlement is told, in an order.
struct SettlementCase {
  using Name = std::tuple<std::size_t, std::string, std::string>;  ///< Table, tenant, id.
  std::vector<Settlement::Table> tables;
  bool is_full = true;
  std::set<std::string> scope = {};
  std::vector<KnownRow> rows = {};
  std::set<std::pair<std::size_t, std::string>> foreign = {};
  std::vector<Name> gone = {};
  std::vector<Claim> claims = {};

  /// The same, told and settled.
  [[nodiscard]] Settlement settled() const;
  /// What a failed test prints.
  [[nodiscard]] std::string text() const;
};

/// "TABLE:TENANT/ID", for messages.
[[nodiscard]] std::string text_of(const SettlementCase::Name& name);

/// What a settlement decides, in no order.
struct SettlementOutcome {
  using Name = SettlementCase::Name;
  struct Wait {
    std::set<std::string> awaits;
    bool is_written = false;
    friend bool operator==(const Wait&, const Wait&) = default;
  };
  std::set<Name> written;
  std::set<Name> there;  ///< Claimed and afterwards there: written, or standing back.
  std::set<std::pair<std::size_t, std::string>> dead;
  std::multimap<Name, Wait> waiting;
  friend bool operator==(const SettlementOutcome&, const SettlementOutcome&) = default;

  [[nodiscard]] std::string text() const;
};

[[nodiscard]] SettlementOutcome outcome_of(const Settlement& settlement);

/// The rules of settlement.h, one after the other and each by a look at everything.
[[nodiscard]] SettlementOutcome settle_slowly(const SettlementCase& told);

}  // namespace tulving::storage::postgres
