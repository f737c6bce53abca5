#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/postgres/projection.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/result.h"
#include "tulving/uuid.h"

namespace tulving::storage::postgres {

/// The schema that is read: which tables and columns it has, and what the ledger knows of it. To be
/// asked within the transaction that reads the rows.
class Place {
 public:
  /// kNotFound: the database has no such schema.
  static Result<Place> look(Connection& connection, const std::string& schema,
                            const std::string& tenant);

  [[nodiscard]] const std::string& schema() const { return schema_; }
  [[nodiscard]] const std::string& tenant() const { return tenant_; }
  [[nodiscard]] bool has_table(std::string_view table) const;
  /// The type's name, as regtype writes it; null: there is no such column.
  [[nodiscard]] const std::string* type_of(std::string_view table, std::string_view column) const;
  [[nodiscard]] bool has_ledger() const { return has_ledger_; }
  /// The ledger knows rows of more than one tenant, so that not every row is the tenant's.
  [[nodiscard]] bool is_shared() const { return tenants_ > 1; }
  /// The ledger knows rows, and none of the tenant.
  [[nodiscard]] bool is_of_others() const { return tenants_ > 0 && !knows_tenant_; }
  /// The caller's own name that the UUID stands for; empty: none is known.
  [[nodiscard]] std::string name_of(const Uuid& id) const;

 private:
  Status read_columns(Connection& connection);
  Status read_ledger(Connection& connection);
  Status read_names(Connection& connection);

  std::string schema_, tenant_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> tables_;
  bool has_ledger_ = false;
  std::uint64_t tenants_ = 0;
  bool knows_tenant_ = false;
  std::unordered_map<Uuid, std::string> names_;
};

}  // namespace tulving::storage::postgres
