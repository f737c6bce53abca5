#include "storage/postgres/target/links.h"

#include <algorithm>
#include <string>

#include "core/base/check.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {

Status send_links(Connection& connection, const LedgerScope& scope, Source& source,
                  std::uint64_t floor) {
  const bool is_full = !source.info().since;
  TULVING_DCHECK(!is_full || floor == 0);
  auto status = connection.run(
      "CREATE TEMP TABLE tulving_links (tenant text NOT NULL, id uuid NOT NULL, source_id uuid, "
      "target_id uuid) ON COMMIT DROP; "
      "CREATE TEMP TABLE tulving_linked (id uuid NOT NULL) ON COMMIT DROP");
  if (!status) return status;
  CopyWriter copy(
      connection, "tulving_links (tenant, id, source_id, target_id)", 4,
      [](const CopyWriter::RowName&, const std::string&) { TULVING_DCHECK(false); }, nullptr);
  status =
      source.visit({{RecordKind::kRelation}, floor}, [&](const SourceRecord& record) -> Status {
        const auto& relation = record.as<Relation>();
        auto& out = copy.begin_row();
        out.text(record.tenant_id);
        out.uuid(relation.id);
        out.uuid(relation.source_id);
        out.uuid(relation.target_id);
        return copy.end_row({record.tenant, relation.id.to_string()});
      });
  if (status && !is_full) {  // Both ends NULL: gone.
    status = source.visit_gone(
        floor, [&](std::uint32_t tenant, const SourceTombstone& tombstone) -> Status {
          if (tombstone.kind != RecordKind::kRelation) return {};
          auto& out = copy.begin_row();
          out.text(source.tenant_id(tenant));
          out.uuid(*Uuid::parse(tombstone.id));
          out.null();
          out.null();
          return copy.end_row({tenant, tombstone.id});
        });
  }
  if (status) status = copy.finish();
  if (status) status = connection.run("ANALYZE tulving_links");
  if (!status) return status;
  const std::string same = scope.fill(
      "r.schema_name = {schema} AND r.store_id = {store} AND r.tenant = n.tenant AND r.id = n.id");
  return connection.run(
      std::string("INSERT INTO tulving_linked SELECT unnest(ARRAY[r.source_id, r.target_id]) FROM "
                  "tulving.sync_links r JOIN tulving_links n ON ") +
      same + "; DELETE FROM tulving.sync_links r " +
      (is_full ? scope.fill("WHERE r.schema_name = {schema} AND r.store_id = {store} AND "
                            "{in_scope} AND NOT EXISTS (SELECT FROM tulving_links n WHERE ") +
                     same + ")"
               : "USING tulving_links n WHERE " + same + " AND n.source_id IS NULL") +
      scope.fill(
          "; INSERT INTO tulving.sync_links SELECT {schema}, {store}, tenant, id, source_id, "
          "target_id FROM tulving_links WHERE source_id IS NOT NULL ON CONFLICT DO NOTHING; "
          "INSERT INTO tulving_linked SELECT unnest(ARRAY[source_id, target_id]) "
          "FROM tulving_links WHERE source_id IS NOT NULL"));
}

Result<std::uint64_t> refresh_links(Connection& connection, const LedgerScope& scope,
                                    const TableSpec& table) {
  TULVING_DCHECK(!table.related_column.empty());
  const std::string column(table.related_column);
  const std::string key(table.key.front());
  const auto related = std::ranges::find(table.columns, table.related_column, &Column::name);
  TULVING_DCHECK(related != table.columns.end() && !related->if_null.empty());
  return connection.execute(
      "UPDATE " + std::string(table.name) + " t SET " + column + " = n.related FROM (SELECT s." +
      key + ", " + std::string(related->if_null) + " AS related FROM (SELECT DISTINCT id AS " +
      key + " FROM tulving_linked) s) n" +
      scope.fill(" JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = {table} "
                 "AND r.store_id = {store} AND r.id = n.",
                 table.name) +
      key + "::text WHERE t." + key + " = n." + key + " AND t." + column +
      " IS DISTINCT FROM n.related");
}

}  // namespace tulving::storage::postgres
