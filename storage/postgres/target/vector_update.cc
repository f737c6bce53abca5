#include "storage/postgres/target/vector_update.h"

#include "core/base/check.h"
#include "storage/postgres/target/ledger_rows.h"
#include "storage/postgres/wire/field_encoding.h"

namespace tulving::storage::postgres {

Status VectorUpdate::start() {
  const std::string column(table_.vector_column);
  auto status =
      connection_.run("CREATE TEMP TABLE " + staging() +
                      " ON COMMIT DROP AS SELECT ''::text AS id, ''::text AS tenant, " + column +
                      " AS vector FROM " + std::string(table_.name) + " WITH NO DATA");
  if (!status) return status;
  // A vector of the column's own dimension is refused by nothing.
  copy_.emplace(
      connection_, staging() + " (id, tenant, vector)", 3,
      [](const CopyWriter::RowName&, const std::string&) { TULVING_DCHECK(false); }, nullptr);
  return {};
}

Status VectorUpdate::add(const SourceRecord& record, std::span<const float> vector) {
  TULVING_DCHECK(copy_.has_value() && record.embedding != nullptr);
  auto& out = copy_->begin_row();
  const std::string memory = record.embedding->memory.to_string();
  out.text(memory);
  out.text(record.tenant_id);
  encode(vector, ddl_.find(table_.name)->find(table_.vector_column)->type, out);
  return copy_->end_row({record.tenant, memory});
}

Result<std::uint64_t> VectorUpdate::finish() {
  if (auto status = copy_->finish(); !status) return status.error();
  const std::string column(table_.vector_column);
  return connection_.execute(
      "UPDATE " + std::string(table_.name) + " t SET " + column + " = s.vector FROM " + staging() +
      scope_.fill(" s JOIN tulving.sync_rows r ON r.schema_name = {schema} "
                  "AND r.table_name = {table} AND r.id = s.id AND r.store_id = {store} "
                  "AND r.tenant = s.tenant WHERE t.",
                  table_.name) +
      std::string(key_column(table_)) + " = " + ledger_key(table_, ddl_, "r") + " AND t." + column +
      " IS DISTINCT FROM s.vector");
}

}  // namespace tulving::storage::postgres
