#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/wire/connection.h"
#include "tests/postgres/rule_steps.h"

namespace tulving::testing {

inline constexpr std::string_view kRulesTenant = "tenant";

[[nodiscard]] inline kinds::RecordKind kind_of(const Record& record) {
  return std::visit([]<class Kind>(const Kind&) { return kinds::Kind<Kind>::number; }, record);
}

/// A record whose rows are made though a rule says that it cannot be.
struct RowsOf {
  const Record* record = nullptr;
  std::string_view field;     ///< What is wrong with it ...
  Break what = Break::kNone;  ///< ... and how; kMissing: NULL, whatever stands for it else.
};

/// Why PostgreSQL refused a row, by table; empty: it took it.
using Answers = std::map<std::string, std::string>;

/// Makes rows of records by a projection's columns, whatever the rules say, in a schema that was
/// synced, and takes them back.
class MadeRows {
 public:
  MadeRows(const std::string& uri, PostgresSchema schema, std::uint32_t dim);

  /// A record that has a row: others may name it.
  void know(const Record& record);
  /// What PostgreSQL says of the records' rows, each in a transaction with those before it.
  Result<std::vector<Answers>> try_all(const std::vector<RowsOf>& rows);

  [[nodiscard]] const storage::postgres::Projection& projection() const { return projection_; }

 private:
  using Column = storage::postgres::Column;
  using Field = storage::postgres::Field;

  Status try_table(const storage::postgres::TableSpec& table, const std::vector<RowsOf>& rows,
                   std::vector<Answers>& answers);
  Field value_of(const Column& column, const storage::postgres::DdlColumn& ddl,
                 const storage::postgres::Row& row, const RowsOf& of) const;
  Field reference_of(const Column& column, const storage::postgres::Row& row,
                     const RowsOf& of) const;

  storage::postgres::Connection connection_;
  storage::postgres::Projection projection_;
  storage::postgres::Ddl ddl_;
  std::map<std::pair<std::string_view, std::string>, std::string> keys_;  ///< By table and id.
  std::vector<Uuid> no_related_;
};

}  // namespace tulving::testing
