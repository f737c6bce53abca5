// The public calls: options are settled here, before a server is asked.

#include <algorithm>

#include "core/base/check.h"
#include "core/base/errors.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/projection_sync.h"
#include "storage/postgres/source.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/connection.h"
#include "tulving/postgres.h"

namespace tulving {
namespace storage::postgres {
namespace {

Status check_namespace(const std::string& schema) {
  constexpr std::size_t kNameBytesMax = 63;  // Postgres would cut a longer one in silence.
  const bool is_ours_to_use =
      !schema.starts_with("pg_") && schema != "information_schema" && schema != "tulving";
  if (!schema.empty() && schema.size() <= kNameBytesMax && is_ours_to_use &&
      schema.find('\0') == std::string::npos) {
    return {};
  }
  return invalid("\"" + schema +
                     "\" cannot be a target schema: 1 to 63 bytes, not pg_*, information_schema or "
                     "tulving",
                 "namespaces");
}

struct NamedProjection {
  PostgresSchema projection{};
  std::string schema;
};

Result<std::vector<NamedProjection>> projections_of(const PostgresSyncOptions& options) {
  if (options.projections.empty()) return invalid("no projection is named", "projections");
  if (options.all_tenants && !options.tenant.empty()) {
    return invalid("a tenant and all_tenants exclude each other", "tenant");
  }
  for (const auto& [projection, schema] : options.namespaces) {
    if (std::count(options.projections.begin(), options.projections.end(), projection) == 0) {
      return invalid("a namespace is given for \"" + projection + "\", which is not synced",
                     "namespaces");
    }
  }
  std::vector<NamedProjection> result;
  for (const auto& name : options.projections) {
    auto projection = projection_named(name);
    if (!projection) return projection.error();
    const auto given = options.namespaces.find(name);
    const std::string schema = given == options.namespaces.end() ? name : given->second;
    if (auto status = check_namespace(schema); !status) return status.error();
    for (const auto& other : result) {
      if (other.schema == schema) {
        return invalid("two projections would go into the schema " + schema, "projections");
      }
    }
    result.push_back({*projection, schema});
  }
  return result;
}

}  // namespace
}  // namespace storage::postgres

Result<std::vector<PostgresSyncReport>> storage::postgres::send_snapshot(
    const std::filesystem::path& directory, const PostgresSyncOptions& options,
    const LiveStore& store) {
  auto projections = projections_of(options);
  if (!projections) return projections.error();
  auto connection = Connection::open(options.uri);
  if (!connection) return connection.error();
  auto source = Source::open(directory, options);
  if (!source) return source.error();
  if (options.verify && source->info().since) {
    return invalid(
        "an incremental snapshot does not say what else is there; verify wants a full one",
        "verify");
  }
  std::vector<PostgresSyncReport> reports;
  for (const auto& [projection, schema] : *projections) {
    ProjectionSync sync(*connection, *source, projection, schema, options, store);
    auto report = sync.run();
    if (!report) return report.error();
    reports.push_back(std::move(*report));
  }
  return reports;
}

Result<std::vector<PostgresSyncReport>> sync_snapshot(const std::filesystem::path& directory,
                                                      const PostgresSyncOptions& options) {
  return storage::postgres::send_snapshot(directory, options, {});
}

Result<std::vector<Position>> synced_positions(const std::string& store_id,
                                               const std::string& projection,
                                               const PostgresSyncOptions& options) {
  using namespace storage::postgres;
  auto named = options;
  named.projections = {projection};
  std::erase_if(named.namespaces, [&](const auto& entry) { return entry.first != projection; });
  auto projections = projections_of(named);
  if (!projections) return projections.error();
  if (!Uuid::parse(store_id)) {
    return invalid("\"" + store_id + "\" is no store's id", "store_id");
  }
  auto connection = Connection::open(options.uri);
  if (!connection) return connection.error();
  connection->set_activity("reading the state of earlier syncs");
  TULVING_DCHECK(projections->size() == 1);
  const auto& [made, schema] = projections->front();
  Ledger ledger(*connection, {projection, schema, store_id, options.tenant});
  return ledger.synced_positions(std::string(make_projection(made, {}).tables.front().name),
                                 options.tenant.empty() && !options.all_tenants);
}

Result<std::uint64_t> synced_revision(const std::string& store_id, const std::string& projection,
                                      const PostgresSyncOptions& options) {
  auto positions = synced_positions(store_id, projection, options);
  if (!positions) return positions.error();
  if (positions->empty()) return std::uint64_t{0};
  return std::ranges::min(*positions, {}, &Position::revision).revision;
}

}  // namespace tulving
