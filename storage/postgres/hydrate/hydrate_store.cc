// The public call: options are settled here, before a server is asked.

#include "core/base/errors.h"
#include "storage/postgres/hydrate/hydration.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"
#include "tulving/store.h"

namespace tulving {

Result<PostgresHydrateReport> hydrate_store(Store& store, const PostgresHydrateOptions& options) {
  using namespace storage::postgres;
  auto schema = projection_named(options.schema);
  if (!schema) {
    return invalid(schema.error().message, "schema");
  }
  if (options.tenant.empty()) return invalid("no tenant is named", "tenant");
  if (options.name_in_database().find('\0') != std::string::npos) {
    return invalid("schema_name has a NUL", "schema_name");
  }
  auto connection = Connection::open(options.uri);
  if (!connection) return connection.error();
  return Hydration(*connection, store, *schema, options).run();
}

std::map<std::string, std::uint64_t> refused_by_reason(const PostgresHydrateReport& report) {
  std::map<std::string, std::uint64_t> counts;
  for (const RefusedRow& row : report.refused) {
    ++counts[row.reason.substr(0, row.reason.find(": "))];
  }
  return counts;
}

}  // namespace tulving
