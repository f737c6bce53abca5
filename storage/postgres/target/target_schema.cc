#include "storage/postgres/target/target_schema.h"

#include <charconv>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

Error conflict(std::string message) { return {ErrorCode::kConflict, std::move(message)}; }

constexpr auto kExtension =
    "SELECT n.nspname, split_part(e.extversion, '.', 1)::int * 1000 "
    "+ split_part(e.extversion, '.', 2)::int "
    "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'";

}  // namespace

Status TargetSchema::prepare() {
  auto encoding = connection_.query("SHOW server_encoding");
  if (!encoding) return encoding.error();
  if (encoding->at(0, 0) != "UTF8") {
    return conflict("the database at " + connection_.where() + " is encoded in " +
                    encoding->at(0, 0) + ", which cannot hold every text; it must be UTF8");
  }
  auto extension = connection_.query(kExtension);
  if (!extension) return extension.error();
  if (extension->empty()) {
    auto offered = connection_.query("SELECT FROM pg_available_extensions WHERE name = 'vector'");
    if (!offered) return offered.error();
    if (offered->empty()) {
      return conflict(
          "PostgreSQL at " + connection_.where() +
          " has no pgvector (extension \"vector\"), which the embeddings need; install it on that "
          "server (package postgresql-NN-pgvector, or from github.com/pgvector/pgvector) and run "
          "the sync again");
    }
    connection_.set_activity("creating the extension vector");
    // As in Ledger::prepare(): of two at once the second waits, and finds it.
    auto status = connection_.run(
        "SELECT pg_advisory_xact_lock(hashtext('tulving vector')); "
        "CREATE EXTENSION IF NOT EXISTS vector");
    if (!status) return status;
    extension = connection_.query(kExtension);
    if (!extension) return extension.error();
  }
  constexpr int kFirstWithHalfvec = 7;  // 0.7
  vector_schema_ = extension->at(0, 0);
  has_halfvec_ = std::stoi(extension->at(0, 1)) >= kFirstWithHalfvec;
  return connection_.run("SET LOCAL search_path TO " + search_path(name_));
}

std::string TargetSchema::search_path(const std::string& first) const {
  TULVING_DCHECK(!vector_schema_.empty());  // prepare() has asked where pgvector is.
  return Connection::quote_name(first) + ", " + Connection::quote_name(vector_schema_);
}

Result<std::uint32_t> TargetSchema::vector_dim(const std::string& table,
                                               const std::string& column) {
  const std::string parameters[] = {name_, table, column};
  auto rows = connection_.query(
      "SELECT a.atttypmod FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
      "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
      "WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3 AND t.typname = 'vector' "
      "AND a.atttypmod > 0",
      parameters);
  if (!rows) return rows.error();
  std::uint32_t dim = 0;
  if (!rows->empty()) {
    const auto text = rows->at(0, 0);
    std::from_chars(text.data(), text.data() + text.size(), dim);
  }
  return dim;
}

Result<std::set<std::string>> TargetSchema::existing(const Ddl& ddl) {
  const std::string parameters[] = {name_};
  auto rows = connection_.query(
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = $1",
      parameters);
  if (!rows) return rows.error();
  std::set<std::string> there;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (ddl.find(rows->at(i, 0)) != nullptr) there.insert(rows->at(i, 0));
  }
  return there;
}

Status TargetSchema::check_shape(PostgresSchema kind, const Ddl& ddl,
                                 const std::set<std::pair<std::string, std::string>>& not_sent) {
  connection_.set_activity("comparing the tables of schema " + name_);
  auto report = compare_shape(connection_, ddl, {kind, name_, vector_schema_, not_sent});
  if (!report) return report.error();
  shape_ = *std::move(report);
  if (shape_.refused.empty()) return {};
  std::string message = "schema " + name_ + " has another shape, nothing was changed";
  for (const std::string& line : shape_.refused) message += "\n  " + line;
  return conflict(std::move(message));
}

Status TargetSchema::create_missing(const Ddl& ddl) {
  connection_.set_activity("creating the tables of schema " + name_);
  auto there = existing(ddl);
  if (!there) return there.error();
  // Asked first: CREATE SCHEMA IF NOT EXISTS wants the privilege even where the schema exists.
  const std::string parameters[] = {name_};
  auto schema = connection_.query("SELECT FROM pg_namespace WHERE nspname = $1", parameters);
  if (!schema) return schema.error();
  if (schema->empty()) {
    auto status = connection_.run("CREATE SCHEMA " + Connection::quote_name(name_));
    if (!status) return status;
  }
  for (const std::string& create : shape_.missing_types) {
    if (auto status = connection_.run(create); !status) return status;
  }
  for (const auto& table : ddl.tables) {
    if (there->contains(table.name)) continue;
    if (auto status = connection_.run(table.create); !status) return status;
    created_.insert(table.name);
    if (!table.partition_by.starts_with("HASH")) continue;
    for (const Partition& partition : hash_partitions(table, Partitions().hash_count)) {
      if (auto status = connection_.run(partition.create); !status) return status;
    }
  }
  for (const std::string& alteration : shape_.alterations) {
    if (auto status = connection_.run(alteration); !status) return status;
  }
  return {};
}

Status TargetSchema::create_indexes(const Ddl& ddl) {
  if (created_.empty()) return {};
  // ivfflat keeps 10,000 samples in RAM: 65 MB of 1,536 dimensions, more than the default of 64 MB
  // allows, and it fails rather than spill.
  auto raised = connection_.query(
      "SELECT set_config('maintenance_work_mem', '262144', true) FROM pg_settings "
      "WHERE name = 'maintenance_work_mem' AND setting::bigint < 262144");
  if (!raised) return raised.error();
  for (const auto& table : ddl.tables) {
    if (!created_.contains(table.name)) continue;
    connection_.set_activity("creating the indexes of " + name_ + "." + table.name);
    for (const auto& index : table.indexes) {
      if (auto status = connection_.run(index); !status) return status;
    }
  }
  return {};
}

Status TargetSchema::create_partitions(const Ddl::Table& table, const std::set<Timestamp>& times,
                                       Partitions::Span span) {
  std::set<std::string> made;
  for (const Timestamp time : times) {
    const Partition partition = partition_for(table, time, span);
    if (!made.insert(partition.name).second) continue;
    const std::string parameters[] = {Connection::quote_name(name_) + "." +
                                      Connection::quote_name(partition.name)};
    auto there = connection_.query("SELECT to_regclass($1) IS NOT NULL", parameters);
    if (!there) return there.error();
    if (there->at(0, 0) == "t") continue;
    if (auto status = connection_.run(partition.create); !status) return status;
  }
  return {};
}

}  // namespace tulving::storage::postgres
