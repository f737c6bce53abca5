// The part of the ledger that settles who may write which id. Claims are sent as bare names before
// any content, so that a database that has an id from elsewhere is found out while nothing has been
// copied, and the choice is one set-based statement a rule.

#include <fmt/format.h>

#include "core/base/check.h"
#include "storage/postgres/target/ledger.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {
namespace {

constexpr auto kClaimTables = R"(
  CREATE TEMP TABLE tulving_claims (tbl text NOT NULL, id text NOT NULL, tenant text NOT NULL,
    need1_tbl text, need1 text, need2_tbl text, need2 text, reason text) ON COMMIT DROP;
  CREATE TEMP TABLE tulving_gone (tbl text NOT NULL, id text NOT NULL, tenant text NOT NULL)
    ON COMMIT DROP;
  CREATE TEMP TABLE tulving_dead (tbl text NOT NULL, id text NOT NULL) ON COMMIT DROP)";

void encode_claim(RowEncoder& row, std::string_view tenant_id, const Claim& claim) {
  TULVING_DCHECK(claim.needs.size() <= kNeedsMax);  // A COPY has columns for no more.
  row.text(claim.table);
  row.text(claim.id);
  row.text(tenant_id);
  for (std::size_t i = 0; i < kNeedsMax; ++i) {
    const bool needed = i < claim.needs.size();
    needed ? row.text(claim.needs[i].table) : row.null();
    needed ? row.text(claim.needs[i].id) : row.null();
  }
}

// An embedding is no claim of its own: its memory's row decides. Only where an incremental snapshot
// brings it without the memory is the database asked.
bool is_claimed(const SourceRecord& record) {
  const auto* const* embedding = std::get_if<const SourceEmbedding*>(&record.value);
  return embedding == nullptr || !(*embedding)->memory_created_at;
}

// A need is met by a claim of the same tenant that holds, or by a row of that tenant's that stays.
std::string unmet(const std::string& which, bool full) {
  std::string condition = fmt::format(
      "c.{0} IS NOT NULL AND NOT EXISTS (SELECT FROM tulving_claims p WHERE p.tbl = c.{0}_tbl "
      "AND p.id = c.{0} AND p.tenant = c.tenant AND p.reason IS NULL)",
      which);
  if (full) return condition;
  return condition +
         fmt::format(
             " AND NOT EXISTS (SELECT FROM tulving.sync_rows r WHERE r.schema_name = {{schema}} "
             "AND r.table_name = c.{0}_tbl AND r.id = c.{0} AND r.store_id = {{store}} "
             "AND r.tenant = c.tenant)",
             which);
}

}  // namespace

Result<std::uint64_t> Ledger::send_claims(Source& source, std::uint64_t floor,
                                          const Projection& projection,
                                          const std::vector<TableSpec>& tables,
                                          const ProjectionSettings& settings, SkipList& skips) {
  if (auto status = connection_.run(kClaimTables); !status) return status.error();
  Status refused;
  const auto on_refused = [&](const CopyWriter::RowName& row, const std::string& why) {
    refused = Error{ErrorCode::kCorruption,
                    "the snapshot is damaged: the id \"" + row.id + "\" is no text: " + why};
  };
  CopyWriter claims(connection_,
                    "tulving_claims (tbl, id, tenant, need1_tbl, need1, need2_tbl, need2)",
                    3 + 2 * kNeedsMax, on_refused, nullptr);
  struct Gone {
    std::uint32_t tenant;
    std::string_view tenant_id;
    Claim claim;
  };
  std::vector<Gone> gone;  // Of an incremental snapshot alone, so few; one COPY runs at a time.
  std::uint64_t rows = 0;
  const bool is_full = !source.info().since;
  SourceKinds kinds = {SourceKind::kSession, SourceKind::kMemory, SourceKind::kRelation,
                       SourceKind::kEmbedding};
  if (!is_full) kinds.insert(SourceKind::kTombstone);
  auto status = source.visit(kinds, floor, [&](const SourceRecord& record) -> Status {
    Claim claim = projection.claim(record);
    if (record.kind == SourceKind::kTombstone) {
      TULVING_DCHECK(!is_full);  // A full snapshot tells what is gone by not naming it.
      gone.push_back({record.tenant, record.tenant_id, std::move(claim)});
      return {};
    }
    for (const auto& table : tables) rows += row_count(table, record);
    if (!is_claimed(record)) return {};
    if (auto why = projection.refusal(record, settings); !why.empty()) {
      skips.add(record.tenant_id, kind_name(record.kind), claim, std::move(why));
      return {};
    }
    encode_claim(claims.begin_row(), record.tenant_id, claim);
    return claims.end_row({record.tenant, claim.id});
  });
  if (status) status = claims.finish();
  CopyWriter erased(connection_, "tulving_gone (tbl, id, tenant)", 3, on_refused, nullptr);
  for (const auto& [tenant, tenant_id, claim] : gone) {
    if (!status) break;
    auto& row = erased.begin_row();
    row.text(claim.table);
    row.text(claim.id);
    row.text(tenant_id);
    status = erased.end_row({tenant, claim.id});
  }
  if (status) status = erased.finish();
  if (status) status = refused;
  // The planner takes a new temporary table for small, and would join 100,000 names by loops.
  if (status) status = connection_.run("ANALYZE tulving_claims; ANALYZE tulving_gone");
  if (!status) return status.error();
  return rows;
}

Status Ledger::settle(const std::vector<TableSpec>& tables, bool full, SkipList& skips,
                      Counts& deleted) {
  connection_.set_activity("settling who owns which id");
  for (const auto& table : tables) {
    if (table.source == SourceKind::kNone) continue;
    const std::string statements[] = {
        fill("UPDATE tulving_claims c SET reason = CASE WHEN r.store_id <> {store} "
             "THEN 'the row of this id came from another store, ' || r.store_id "
             "ELSE 'the row of this id is tenant \"' || r.tenant || '\"''s' END "
             "FROM tulving.sync_rows r WHERE c.tbl = {table} AND r.schema_name = {schema} "
             "AND r.table_name = c.tbl AND r.id = c.id "
             "AND (r.store_id <> {store} OR r.tenant <> c.tenant)",
             table.name),
        fill(
            "UPDATE tulving_claims c SET reason = 'tenant \"' || w.tenant || '\" has this id, too' "
            "FROM (SELECT id, min(tenant COLLATE \"C\") AS tenant FROM tulving_claims "
            "WHERE tbl = {table} AND reason IS NULL GROUP BY id HAVING count(*) > 1) w "
            "WHERE c.tbl = {table} AND c.reason IS NULL AND c.id = w.id AND c.tenant <> w.tenant",
            table.name),
        fill("UPDATE tulving_claims c SET reason = 'what it belongs to is not there: ' "
             "|| need1_tbl || ' ' || need1 WHERE c.tbl = {table} AND c.reason IS NULL AND " +
                 unmet("need1", full),
             table.name),
        fill("UPDATE tulving_claims c SET reason = 'what it belongs to is not there: ' "
             "|| need2_tbl || ' ' || need2 WHERE c.tbl = {table} AND c.reason IS NULL AND " +
                 unmet("need2", full),
             table.name)};
    for (const auto& statement : statements) {
      if (auto status = connection_.run(statement); !status) return status;
    }
  }
  auto lost = connection_.query(
      "SELECT tenant, tbl, id, reason FROM tulving_claims WHERE reason IS NOT NULL "
      "ORDER BY tenant COLLATE \"C\", tbl COLLATE \"C\", id COLLATE \"C\"");
  if (!lost) return lost.error();
  for (std::size_t i = 0; i < lost->size(); ++i) {
    const std::string name = lost->at(i, 1);
    std::string_view kind;
    for (const auto& table : tables) {
      if (table.name == name) kind = kind_name(table.source);
    }
    TULVING_DCHECK(!kind.empty());  // What claims is sent by a table that has a source.
    skips.add(lost->at(i, 0), kind, {name, lost->at(i, 2)}, lost->at(i, 3));
  }
  if (lost->empty()) return {};
  auto status = connection_.run(
      fill("TRUNCATE tulving_dead; INSERT INTO tulving_dead SELECT r.table_name, r.id "
           "FROM tulving_claims c JOIN tulving.sync_rows r ON r.schema_name = {schema} "
           "AND r.table_name = c.tbl AND r.id = c.id AND r.store_id = {store} "
           "AND r.tenant = c.tenant WHERE c.reason IS NOT NULL"));
  return status ? delete_dead(tables, deleted) : status;
}

Status Ledger::delete_gone(const std::vector<TableSpec>& tables, bool full, Counts& deleted) {
  connection_.set_activity("deleting what is gone");
  auto status = connection_.run(
      full ? fill("INSERT INTO tulving_dead SELECT r.table_name, r.id FROM tulving.sync_rows r "
                  "WHERE r.schema_name = {schema} AND r.store_id = {store} AND {in_scope} "
                  "AND NOT EXISTS (SELECT FROM tulving_claims c WHERE c.tbl = r.table_name "
                  "AND c.id = r.id AND c.tenant = r.tenant)")
           : fill("INSERT INTO tulving_dead SELECT r.table_name, r.id FROM tulving_gone g "
                  "JOIN tulving.sync_rows r ON r.schema_name = {schema} AND r.table_name = g.tbl "
                  "AND r.id = g.id AND r.store_id = {store} AND r.tenant = g.tenant"));
  if (status && !full) status = delete_gone_vectors(tables, deleted);
  return status ? delete_dead(tables, deleted) : status;
}

// Vectors whose memory stays. They go before the staged ones come: a vector given again later is
// among those.
Status Ledger::delete_gone_vectors(const std::vector<TableSpec>& tables, Counts& deleted) {
  for (const auto& table : tables) {
    if (table.source != SourceKind::kEmbedding) continue;
    // Its name, MEMORY/MODEL, is its key.
    TULVING_DCHECK(!table.references.empty() && table.key.size() == 2);
    const auto& parent = table.references.front();
    auto rows = connection_.execute(
        fill("DELETE FROM " + table.name +
                 " t USING tulving_gone g JOIN tulving.sync_rows r ON r.schema_name = {schema} "
                 "AND r.table_name = '" +
                 parent.table +
                 "' AND r.id = left(g.id, 36) AND r.store_id = {store} AND r.tenant = g.tenant "
                 "WHERE g.tbl = {table} AND t." +
                 table.key.front() + " = left(g.id, 36) AND t." + table.key.back() +
                 " = substr(g.id, 38)",
             table.name));
    if (!rows) return rows.error();
    deleted[table.name] += *rows;
  }
  return {};
}

// Deletes the rows named in tulving_dead. Children go by statements of their own, not by cascade,
// so that they are counted and forgotten.
Status Ledger::delete_dead(const std::vector<TableSpec>& tables, Counts& deleted) {
  auto any = connection_.query("SELECT FROM tulving_dead LIMIT 1");
  if (!any) return any.error();
  if (any->empty()) return {};
  for (const auto& table : tables) {
    if (auto status = gather_hanging(table); !status) return status;
  }
  if (auto status = connection_.run("ANALYZE tulving_dead"); !status) return status;
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
    if (auto status = delete_from(*table, deleted); !status) return status;
  }
  return connection_.run(
      fill("DELETE FROM tulving.sync_rows r USING tulving_dead d WHERE r.schema_name = {schema} "
           "AND r.table_name = d.tbl AND r.id = d.id"));
}

// Adds the rows of `table` that a foreign key hangs on the dead ones.
Status Ledger::gather_hanging(const TableSpec& table) {
  if (table.source == SourceKind::kNone || table.ownership == Ownership::kParent) return {};
  for (const auto& reference : table.references) {
    TULVING_DCHECK(table.ownership != Ownership::kKey || table.key.size() == 1);
    TULVING_DCHECK(table.ownership != Ownership::kSerial || !table.serial.empty());
    const bool by_key = table.ownership == Ownership::kKey;
    const std::string id = by_key ? "t." + table.key.front() : "r.id";
    const std::string owned = by_key ? ""
                                     : fill(
                                           " JOIN tulving.sync_rows r ON r.schema_name = {schema} "
                                           "AND r.table_name = {table} AND r.row = t." +
                                               table.serial,
                                           table.name);
    auto status = connection_.run(fill("INSERT INTO tulving_dead SELECT {table}, " + id + " FROM " +
                                           table.name + " t JOIN tulving_dead d ON d.tbl = '" +
                                           reference.table + "' AND t." + reference.column +
                                           " = d.id" + owned,
                                       table.name));
    if (!status) return status;
  }
  return {};
}

Status Ledger::delete_from(const TableSpec& table, Counts& deleted) {
  if (table.source == SourceKind::kNone) return {};
  std::vector<std::string> statements;
  if (table.ownership == Ownership::kKey) {
    statements.push_back(fill("DELETE FROM " + table.name +
                                  " t USING (SELECT DISTINCT id FROM tulving_dead "
                                  "WHERE tbl = {table}) d WHERE t." +
                                  table.key.front() + " = d.id",
                              table.name));
  }
  if (table.ownership == Ownership::kSerial) {
    statements.push_back(fill("DELETE FROM " + table.name +
                                  " t USING tulving.sync_rows r, tulving_dead d "
                                  "WHERE d.tbl = {table} AND r.schema_name = {schema} "
                                  "AND r.table_name = d.tbl AND r.id = d.id AND t." +
                                  table.serial + " = r.row",
                              table.name));
  }
  if (table.ownership != Ownership::kKey) {
    for (const auto& reference : table.references) {
      statements.push_back("DELETE FROM " + table.name +
                           " t USING (SELECT DISTINCT id FROM tulving_dead WHERE tbl = '" +
                           reference.table + "') d WHERE t." + reference.column + " = d.id");
    }
  }
  for (const auto& statement : statements) {
    auto rows = connection_.execute(statement);
    if (!rows) return rows.error();
    deleted[table.name] += *rows;
  }
  return {};
}

}  // namespace tulving::storage::postgres
