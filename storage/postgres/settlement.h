#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tulving::storage::postgres {

/// Whose a row is.
struct Owner {
  std::string store;  ///< Empty: the store that is synced.
  std::string tenant;
  friend bool operator==(const Owner&, const Owner&) = default;
};

/// A record that wants a row, by names alone.
struct Claim {
  struct Need {
    std::size_t table = 0;  ///< Its place among the projection's tables; before the claim's own.
    std::string id;
    bool is_required = true;
  };
  std::size_t table = 0;
  std::string tenant;
  std::string id;
  std::string slot = {};  ///< What no two rows may share; empty: nothing.
  std::int64_t rank = 0;
  std::vector<Need> needs = {};
  /// Made of a name alone: stands back where a record of that name claims the row.
  bool is_placeholder = false;
};

/// A row that the ledger has.
struct KnownRow {
  std::size_t table = 0;
  std::string id;
  Owner owner;
  std::string slot;
  std::int64_t rank = 0;
  std::int64_t serial = 0;
};

/// A record that has no row, or one without all of its parents.
struct Waiting {
  std::size_t table = 0;
  std::string tenant;
  std::string id;
  std::vector<std::string> awaits;  ///< Events, see Settlement::event().
  std::string reason;               ///< Empty: it is written, but for columns that are NULL.
};

/// Settles who may write which row, before any content is sent. Pure: no database, no snapshot.
///
/// An id is one tenant's: that which owns its row, else the first by name (bytewise). A slot is one
/// record's: of the tenant that has it, else of any, the first by rank, then id (or by tenant's
/// name, where the slot is the table's key). A row whose required parent has none has none. What
/// loses says what it waits for, so that a later sync knows when to try again.
class Settlement {
 public:
  struct Table {
    std::string name;
    std::string slot_noun = "name";
    bool slot_is_key = false;
  };
  /// `is_full`: what is not claimed is gone; else what is not claimed stays.
  Settlement(std::vector<Table> tables, bool is_full);
  /// Of a full one: only these tenants' rows go where they are not claimed. Default: all.
  void limit_to(std::string tenant) { scope_[std::move(tenant)] = true; }

  void know(KnownRow row);
  /// Rows that are not there for any tenant's records alone: of a table that others keep.
  void know_foreign(std::size_t table, std::string id);
  /// A record is erased, or no more one for the table. Of its own tenant's row only.
  /// `is_erased`: for good, so that nothing that hung on it waits for it.
  void gone(std::size_t table, std::string tenant, std::string id, bool is_erased = true);
  void claim(Claim claim);

  /// To be called once all is known; again when more came.
  void settle();

  [[nodiscard]] const std::vector<Claim>& claims() const { return claims_; }
  [[nodiscard]] bool is_written(std::size_t claim) const { return verdicts_[claim].is_written; }
  [[nodiscard]] bool claims_row(std::size_t table, std::string_view tenant,
                                std::string_view id) const;
  /// Null: the record claims no row there.
  [[nodiscard]] const Claim* claim_for(std::size_t table, std::string_view tenant,
                                       std::string_view id) const;
  [[nodiscard]] bool is_gone(std::size_t table, std::string_view tenant, std::string_view id) const;
  [[nodiscard]] bool is_erased(std::size_t table, std::string_view tenant,
                               std::string_view id) const;
  template <class Visit>
  void each_gone(const Visit& visit) const {
    for (std::size_t table = 0; table < shelves_.size(); ++table) {
      for (const auto& [id, tenants] : shelves_[table].gone) visit(table, id);
    }
  }
  /// Whether the record's row is written in this sync.
  [[nodiscard]] bool writes(std::size_t table, std::string_view tenant, std::string_view id) const;
  /// Whether a row of the tenant's (or of others, where they keep the table) is there afterwards.
  [[nodiscard]] bool has(std::size_t table, std::string_view tenant, std::string_view id) const;
  [[nodiscard]] const KnownRow* known(std::size_t table, std::string_view id) const;
  /// The slot of a row that has() says is there.
  [[nodiscard]] std::string slot_of(std::size_t table, std::string_view tenant,
                                    std::string_view id) const;

  /// Our rows that go, by table and id; those whose key changes, too: they come again under the new
  /// one.
  [[nodiscard]] std::vector<const KnownRow*> dead() const;
  /// What lost, and what is written without all of its parents; by table, tenant and id.
  [[nodiscard]] const std::vector<Waiting>& waiting() const { return waiting_; }
  /// What came to be or became free, or may have; ascending.
  [[nodiscard]] std::vector<std::string> events() const;

  /// "TABLE#ID": the row came, or went.
  [[nodiscard]] std::string event(std::size_t table, std::string_view id) const;
  /// "TABLE=SLOT": the slot is free.
  [[nodiscard]] std::string slot_event(std::size_t table, std::string_view slot) const;

 private:
  struct Verdict {
    bool is_written = true;
    bool stands_back = false;  // Then the row stays as it is.
  };
  struct Shelf {                                                       // Of one table.
    std::unordered_map<std::string, std::vector<std::size_t>> claims;  // By id.
    std::unordered_map<std::string, KnownRow> rows;
    std::unordered_map<std::string, std::vector<std::string>> row_slots;  // Ids by slot.
    std::unordered_map<std::string, bool> foreign;
    std::unordered_map<std::string, std::vector<std::string>> gone;  // Tenants by id.
    std::unordered_map<std::string, bool> left_out;                  // Gone, but not erased.
    std::unordered_map<std::string, bool> yielded;
  };
  struct Contender {  // For a slot.
    Owner owner;
    std::int64_t rank;
    const std::string* id;
    std::optional<std::size_t> claim;  // None: it is a row that stays as it was.
  };
  [[nodiscard]] const std::size_t* claim_of(std::size_t table, std::string_view tenant,
                                            std::string_view id) const;
  [[nodiscard]] bool is_ours(const KnownRow& row) const { return row.owner.store.empty(); }
  [[nodiscard]] static const std::string& key_of(const KnownRow& row);
  [[nodiscard]] bool stays(const KnownRow& row) const;
  [[nodiscard]] const std::size_t* writer_of(const KnownRow& row) const;
  void lose(std::size_t claim, std::string reason, std::string awaits);
  void settle_ids(std::size_t table);
  void settle_needs(std::size_t table);
  void note_optional(std::size_t table);
  void settle_slots(std::size_t table);
  void settle_slot(std::size_t table, const std::string& slot,
                   const std::vector<std::size_t>& claims);
  [[nodiscard]] std::vector<Contender> contenders_for(std::size_t table, const std::string& slot,
                                                      const std::vector<std::size_t>& claims) const;
  [[nodiscard]] const Owner* holder_of(std::size_t table, const std::string& slot) const;
  void lose_slot(std::size_t table, const std::string& slot, const Contender& loser,
                 const Contender& winner);

  std::vector<Table> tables_;
  std::vector<Shelf> shelves_;
  std::vector<std::vector<std::size_t>> claims_by_table_;
  std::vector<Claim> claims_;
  std::vector<Verdict> verdicts_;
  std::vector<Waiting> waiting_;
  bool is_full_;
  std::unordered_map<std::string, bool> scope_;  // Tenants, where not all.
};

}  // namespace tulving::storage::postgres
