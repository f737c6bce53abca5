#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/settlement.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/source.h"
#include "storage/postgres/target/ledger_rows.h"
#include "storage/postgres/target/removal.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// Asks the store for a record that the snapshot does not bring: of a kind, by record_id() or, for
/// kinds found by a name, by the name. Empty: it is not there, or is newer than the snapshot, so
/// that the next one brings it.
using Fetch = std::function<Result<std::optional<Record>>(std::string_view tenant_id,
                                                          RecordKind kind, std::string_view id)>;

/// Gathers which records want which rows, and settles it with what the ledger knows. Of an
/// incremental snapshot, what waited for something that it brings or frees is fetched from the
/// store and claims, too.
class Claims {
 public:
  Claims(Source& source, const Projection& projection, LedgerRows& ledger, SkipList& skips,
         std::uint64_t floor);

  /// Tables that others keep: nothing is claimed in them, and what is there is there for all. To be
  /// called first.
  void leave_to_others(const std::set<std::string>& tables) { external_ = tables; }
  /// Events that came before this: of rows that went already.
  void add_freed(std::vector<std::string> events) { freed_ = std::move(events); }
  Status gather();
  Status settle(const Fetch& fetch);

  [[nodiscard]] const Settlement& settlement() const { return settlement_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] const std::vector<Removal::GoneVector>& gone_vectors() const {
    return gone_vectors_;
  }
  /// Names of those that are gone, as far as they are UUIDs.
  [[nodiscard]] const std::vector<std::string>& gone_ids() const { return gone_ids_; }

  /// The projects and tasks that are only named, in the table.
  using Visit = std::function<Status(const SourceRecord&)>;
  Status visit_placeholders(std::size_t table, const Visit& visit) const;

 private:
  [[nodiscard]] bool is_full() const { return !source_.info().since; }
  Status find_external();
  [[nodiscard]] bool is_claimed(const TableSpec& table) const;
  void add(const SourceRecord& record);
  void add_placeholders(const SourceRecord& record);
  void add_gone(std::uint32_t tenant, const SourceTombstone& tombstone);
  [[nodiscard]] std::vector<std::string> names() const;
  Result<std::vector<LedgerRows::Waiter>> absent_waiters();
  void list_unfetched(const std::vector<LedgerRows::Waiter>& waiters);
  Status fetch_waiters(const std::vector<LedgerRows::Waiter>& waiters, const Fetch& fetch,
                       bool& is_more);
  Status fetch_vectors(const Fetch& fetch);
  void list_losers();

  struct Named {
    std::uint32_t tenant;
    std::string name;
  };
  Source& source_;
  const Projection& projection_;
  LedgerRows& ledger_;
  SkipList& skips_;
  std::uint64_t floor_;
  std::set<std::string> external_;
  Settlement settlement_;
  std::uint64_t rows_ = 0;
  std::vector<std::string> embedded_;  // Memories whose vectors come by themselves: "TABLE#ID".
  std::map<std::string, std::set<std::string>> brought_;  // Models of such vectors, by memory.
  std::vector<Removal::GoneVector> gone_vectors_;
  std::vector<std::string> freed_;
  std::vector<std::string> gone_ids_;
  std::vector<std::map<std::pair<std::uint32_t, std::string>, Named>> placeholders_;  // By table.
};

}  // namespace tulving::storage::postgres
