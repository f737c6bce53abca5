#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "storage/postgres/hydrate/read_record.h"
#include "storage/postgres/projection.h"
#include "tulving/postgres.h"
#include "tulving/result.h"
#include "tulving/store.h"

namespace tulving::storage::postgres {

/// Takes the records that were read into a tenant, in batches, and lists what the store refuses;
/// makes the sessions and tasks that a record must name and no table has. Or, where it `compares`,
/// writes nothing and asks whether all that the tenant holds is what is read.
class RecordSink {
 public:
  RecordSink(Tenant& tenant, const Projection& projection, PostgresHydrateReport& report,
             bool compares)
      : tenant_(tenant), projection_(projection), report_(report), compares_(compares) {}

  Status take(const TableSpec& table, ReadRecord&& record);
  void refuse(const TableSpec& table, const std::string& key, std::string reason);
  [[nodiscard]] bool was_refused(std::string_view table, const std::string& key) const;
  /// To be called after each table: what comes next may name what was taken.
  Status flush();
  /// Records taken, as many as the tenant has of what was read; made ones, too.
  [[nodiscard]] std::uint64_t records() const { return records_; }

  /// The serials of a table's rows, by the UUIDs of their records' ids; not sorted.
  using Serials = std::vector<std::pair<Uuid, std::int64_t>>;
  [[nodiscard]] const std::map<std::string_view, Serials>& serials() const { return serials_; }

 private:
  struct Pending {
    const TableSpec* table;
    std::string key;
    std::optional<std::int64_t> serial;
  };
  Status write(std::size_t first, std::size_t last);
  Status compare();
  void count(std::size_t place, WriteEffect effect);
  Status make_named(const Record& record);
  template <class Target>
  Status make(const std::string& name);
  template <class Kind>
  Status make_targets(const Kind& record);
  void know(const Record& record);
  void drop_absent(AgentResult& result) const;
  Result<bool> is_there(const Record& record) const;

  Tenant& tenant_;
  const Projection& projection_;
  PostgresHydrateReport& report_;
  bool compares_;
  std::vector<Record> batch_;
  std::vector<Pending> pending_;
  std::size_t batch_bytes_ = 0;
  std::uint64_t records_ = 0;
  std::set<std::pair<RecordKind, std::string>> known_;  // Sessions and tasks.
  std::map<std::string, std::unordered_set<std::string>, std::less<>> refused_;  // By table.
  std::map<std::string_view, Serials> serials_;
};

}  // namespace tulving::storage::postgres
