#include "storage/postgres/hydrate/table_query.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "storage/postgres/target/ledger_rows.h"

namespace tulving::storage::postgres {
namespace {

using Use = TableQuery::Answered::Use;

std::string column_of(std::string_view alias, std::string_view column) {
  return std::string(alias) + "." + Connection::quote_name(column);
}

struct Cast {
  std::string to;  // Empty: none.
  ColumnType type;
};

// A table of another application may have text where ours has varchar, or bigint for integer.
Cast cast_of(ColumnType type, const std::string& is) {
  switch (type) {
    case ColumnType::kText:
      if (is == "text" || is == "varchar" || is == "enum") return {"", type};
      return {"text", type};
    case ColumnType::kJson:
      return {is == "jsonb" ? "" : "jsonb", type};
    case ColumnType::kUuid:
      return {is == "uuid" ? "" : "uuid", type};
    case ColumnType::kBoolean:
      return {is == "bool" ? "" : "boolean", type};
    case ColumnType::kInteger:
      return {is == "int4" ? "" : "integer", type};
    case ColumnType::kDouble:
      return {is == "float8" ? "" : "double precision", type};
    case ColumnType::kNumeric:
      return {is == "numeric" ? "" : "numeric", type};
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamptz:
      return {is == "timestamp" || is == "timestamptz" ? "" : "timestamptz", type};
    case ColumnType::kVector:
      if (is == "vector") return {"", type};
      return {is == "_float4" ? "" : "real[]", ColumnType::kRealArray};
    case ColumnType::kTextArray:
      return {is == "_text" ? "" : "text[]", type};
    case ColumnType::kUuidArray:
      return {is == "_uuid" ? "" : "uuid[]", type};
    case ColumnType::kRealArray:
      return {is == "_float4" ? "" : "real[]", type};
  }
  TULVING_DCHECK(false);
  return {"text", ColumnType::kText};
}

const Column* parent_column(const TableSpec& part) {
  const auto found = std::ranges::find_if(
      part.columns, [](const Column& column) { return column.reference.id != nullptr; });
  return found == part.columns.end() ? nullptr : &*found;
}

}  // namespace

TableQuery::TableQuery(const Place& place, const Projection& projection, const Ddl& ddl,
                       const TableSpec& table)
    : place_(place), projection_(projection), ddl_(ddl), table_(table) {
  TULVING_DCHECK(table.ownership != Ownership::kParent);
  is_readable_ = place.type_of(table.name, key_column(table)) != nullptr;
  if (!is_readable_) {
    missing_.push_back(std::string(table.name) + "." + std::string(key_column(table)));
    return;
  }
  add_key();
  add_fields();
  add_ledger_id();
  add_parts();
  settle_tenant();
}

std::string TableQuery::qualified(std::string_view table) const {
  return Connection::quote_name(place_.schema()) + "." + Connection::quote_name(table);
}

std::string TableQuery::key_text(std::string_view alias) const {
  return column_of(alias, key_column(table_)) + "::text";
}

bool TableQuery::add(const TableSpec& table, std::string_view alias, const Column& column,
                     Use use) {
  const std::string name = std::string(table.name) + "." + std::string(column.name);
  const std::string* const is = place_.type_of(table.name, column.name);
  const Ddl::Table* const definition = ddl_.find(table.name);
  const DdlColumn* const defined = definition->find(column.name);
  if (is == nullptr || defined == nullptr) {
    missing_.push_back(name);
    return false;
  }
  const Cast cast = cast_of(defined->type, *is);
  select_ += ", " + column_of(alias, column.name) + (cast.to.empty() ? "" : "::" + cast.to);
  columns_.push_back({use, &column, cast.type, std::string(column.name)});
  return true;
}

void TableQuery::add_key() {
  select_ = key_text("t");
  columns_.push_back({Use::kKey, nullptr, ColumnType::kText, std::string(key_column(table_))});
}

void TableQuery::add_fields() {
  for (const Column& column : table_.columns) {
    if (column.set != nullptr) add(table_, "t", column, Use::kField);
  }
}

// Of a row that does not show its record's id the ledger has it. Compared as texts: of what others
// wrote into the ledger, a cast might fail.
void TableQuery::add_ledger_id() {
  if (!place_.has_ledger()) return;
  const std::string is_same = table_.ownership == Ownership::kSerial
                                  ? "r.row = " + column_of("t", table_.serial)
                              : table_.slot_is_key() ? "coalesce(r.slot, r.id) = " + key_text("t")
                                                     : "r.id = " + key_text("t");
  joins_ += " LEFT JOIN tulving.sync_rows r ON r.schema_name = " +
            Connection::quote_text(place_.schema()) +
            " AND r.table_name = " + Connection::quote_text(table_.name) + " AND " + is_same;
  select_ += ", r.id";
  columns_.push_back({Use::kLedgerId, nullptr, ColumnType::kText, "tulving.sync_rows.id"});
}

void TableQuery::add_parts() {
  for (const TableSpec& part : projection_.tables) {
    if (part.ownership != Ownership::kParent || !place_.has_table(part.name)) continue;
    const Column* const parent = parent_column(part);
    if (parent == nullptr || parent->reference.table != table_.name) continue;
    if (part.source == RecordKind::kMemory) {
      add_tags(part);
    } else if (!part.vector_column.empty()) {
      add_vectors(part);
    }
  }
}

void TableQuery::add_tags(const TableSpec& part) {
  const Column& parent = *parent_column(part);
  for (const Column& column : part.columns) {
    if (column.reference.id != nullptr || column.set == nullptr) continue;
    if (place_.type_of(part.name, column.name) == nullptr) {
      missing_.push_back(std::string(part.name) + "." + std::string(column.name));
      continue;
    }
    const std::string name = Connection::quote_name(column.name);
    const std::string key = Connection::quote_name(parent.name);
    joins_ += " LEFT JOIN (SELECT " + key + ", array_agg(" + name + "::text ORDER BY " +
              // As they were sent: a serial tells in which order.
              (place_.type_of(part.name, "tag_id") != nullptr ? "tag_id" : name) + ") AS " + name +
              " FROM " + qualified(part.name) + " GROUP BY 1) g ON g." + key + " = " +
              column_of("t", table_.key.front());
    select_ += ", g." + name;
    columns_.push_back({Use::kElements, &column, ColumnType::kTextArray,
                        std::string(part.name) + "." + std::string(column.name)});
  }
}

// The order brings the vectors of one memory together; PostgreSQL has an index for it on either
// side, and merges.
void TableQuery::add_vectors(const TableSpec& part) {
  const Column& parent = *parent_column(part);
  bool is_whole = true;
  for (const Column& column : part.columns) {
    if (column.set != nullptr) is_whole = add(part, "e", column, Use::kVectorPart) && is_whole;
  }
  TULVING_DCHECK(order_.empty());  // Two of them would multiply.
  joins_ += " LEFT JOIN " + qualified(part.name) + " e ON " + column_of("e", parent.name) + " = " +
            column_of("t", table_.key.front());
  order_ = " ORDER BY " + column_of("t", table_.key.front());
}

// guild says whose a row is. Elsewhere the ledger does, where it knows several tenants: what nobody
// claims is taken for this one's, but not what hangs on another's row.
void TableQuery::settle_tenant() {
  const std::string tenant = Connection::quote_text(place_.tenant());
  const std::string schema = Connection::quote_text(place_.schema());
  std::string is_ours;
  const auto require = [&](const std::string& condition) {
    is_ours += (is_ours.empty() ? " WHERE " : " AND ") + condition;
  };
  const bool has_tenant = projection_.schema == PostgresSchema::kGuild &&
                          place_.type_of(table_.name, "tenant_id") != nullptr;
  if (has_tenant) {
    require("t.tenant_id = " + tenant);
  } else if (place_.has_ledger() && place_.is_shared()) {
    require("(r.id IS NULL OR r.tenant = " + tenant + ")");
  }
  for (const Column& column : table_.columns) {
    const Reference& to = column.reference;
    if (to.id == nullptr || to.when_missing != WhenMissing::kSkip) continue;
    const TableSpec* const parent = projection_.table(to.table);
    if (parent == nullptr || !place_.has_table(to.table)) continue;
    if (place_.type_of(table_.name, column.name) == nullptr) continue;
    const std::string named = column_of("t", column.name);
    if (projection_.schema == PostgresSchema::kGuild &&
        place_.type_of(to.table, "tenant_id") != nullptr) {
      require("EXISTS (SELECT FROM " + qualified(to.table) + " p WHERE " +
              column_of("p", key_column(*parent)) + " = " + named + " AND p.tenant_id = " + tenant +
              ")");
    } else if (place_.has_ledger() && place_.is_shared()) {
      require("NOT EXISTS (SELECT FROM tulving.sync_rows p WHERE p.schema_name = " + schema +
              " AND p.table_name = " + Connection::quote_text(to.table) + " AND " +
              (parent->slot_is_key() ? "coalesce(p.slot, p.id)" : "p.id") + " = " + named +
              "::text AND p.tenant <> " + tenant + ")");
    }
  }
  where_ = std::move(is_ours);
}

std::string TableQuery::sql() const {
  return "COPY (SELECT " + select_ + " FROM " + qualified(table_.name) + " t" + joins_ + where_ +
         order_ + ") TO STDOUT (FORMAT binary)";
}

std::vector<ColumnType> TableQuery::types() const {
  std::vector<ColumnType> types;
  for (const Answered& column : columns_) types.push_back(column.type);
  return types;
}

}  // namespace tulving::storage::postgres
