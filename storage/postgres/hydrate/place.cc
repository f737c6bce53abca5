#include "storage/postgres/hydrate/place.h"

#include <charconv>

#include "storage/postgres/wire/row_decoder.h"

namespace tulving::storage::postgres {

Result<Place> Place::look(Connection& connection, const std::string& schema,
                          const std::string& tenant) {
  Place place;
  place.schema_ = schema;
  place.tenant_ = tenant;
  connection.set_activity("looking at the schema " + schema);
  auto status = place.read_columns(connection);
  if (status) status = place.read_ledger(connection);
  if (status && place.has_ledger_) status = place.read_names(connection);
  if (!status) return status.error();
  return place;
}

bool Place::has_table(std::string_view table) const { return tables_.contains(table); }

const std::string* Place::type_of(std::string_view table, std::string_view column) const {
  const auto columns = tables_.find(table);
  if (columns == tables_.end()) return nullptr;
  const auto found = columns->second.find(column);
  return found == columns->second.end() ? nullptr : &found->second;
}

std::string Place::name_of(const Uuid& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? std::string() : found->second;
}

Status Place::read_columns(Connection& connection) {
  const std::string parameters[] = {schema_};
  auto there = connection.query("SELECT FROM pg_namespace WHERE nspname = $1", parameters);
  if (!there) return there.error();
  if (there->empty()) {
    return Error{ErrorCode::kNotFound, connection.where() + " has no schema \"" + schema_ + "\"",
                 "schema"};
  }
  auto rows = connection.query(
      "SELECT c.relname, a.attname, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE t.typname END "
      "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON "
      "a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid WHERE n.nspname = $1 "
      "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped",
      parameters);
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    tables_[rows->at(i, 0)][rows->at(i, 1)] = rows->at(i, 2);
  }
  return {};
}

// A ledger of a release that knew less than slots and names is as good as none.
Status Place::read_ledger(Connection& connection) {
  auto there = connection.query(
      "SELECT to_regclass('tulving.sync_names') IS NOT NULL AND EXISTS (SELECT FROM pg_attribute "
      "WHERE attrelid = to_regclass('tulving.sync_rows') AND attname = 'slot')");
  if (!there) return there.error();
  has_ledger_ = there->at(0, 0) == "t";
  if (!has_ledger_) return {};
  const std::string parameters[] = {schema_, tenant_};
  auto rows = connection.query(
      "SELECT count(DISTINCT tenant), coalesce(bool_or(tenant = $2), false) FROM tulving.sync_rows "
      "WHERE schema_name = $1",
      parameters);
  if (!rows) return rows.error();
  const std::string count = rows->at(0, 0);
  std::from_chars(count.data(), count.data() + count.size(), tenants_);
  knows_tenant_ = rows->at(0, 1) == "t";
  return {};
}

// Where all rows are another tenant's, and taken as this one's, so are its names.
Status Place::read_names(Connection& connection) {
  RowDecoder decoder({ColumnType::kUuid, ColumnType::kText}, [&](RowDecoder::Row& row) -> Status {
    const auto* const id = std::get_if<NamedUuid>(row.fields.data());
    auto* const name = std::get_if<std::string>(&row.fields[1]);
    if (id != nullptr && name != nullptr) names_.emplace(id->id, std::move(*name));
    return {};
  });
  const bool is_all = is_of_others() && !is_shared();
  auto status = connection.copy_out(
      "COPY (SELECT id, name FROM tulving.sync_names WHERE schema_name = " +
          Connection::quote_text(schema_) +
          (is_all ? std::string() : " AND tenant = " + Connection::quote_text(tenant_)) +
          " ORDER BY id, name) TO STDOUT (FORMAT binary)",
      [&](std::string_view bytes) { return decoder.feed(bytes); });
  return status ? decoder.finish() : status;
}

}  // namespace tulving::storage::postgres
