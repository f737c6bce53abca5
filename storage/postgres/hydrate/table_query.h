#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "storage/postgres/hydrate/place.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/wire/field.h"

namespace tulving::storage::postgres {

/// How a table's rows are read: one statement, and what each of its columns is. The tags of a
/// memory come as one more column, its vectors as rows of the same key that follow one another.
class TableQuery {
 public:
  /// `parts`: the tables whose rows belong to rows of this one.
  TableQuery(const Place& place, const Projection& projection, const Ddl& ddl,
             const TableSpec& table);

  /// Of one column of the answer.
  struct Answered {
    enum class Use : std::uint8_t { kKey, kSerial, kLedgerId, kField, kElements, kVectorPart };
    Use use = Use::kField;
    const Column* column = nullptr;
    ColumnType type = ColumnType::kText;
    std::string name;  ///< For what is said of it.
  };

  [[nodiscard]] const TableSpec& table() const { return table_; }
  /// COPY ... TO STDOUT.
  [[nodiscard]] std::string sql() const;
  [[nodiscard]] const std::vector<Answered>& columns() const { return columns_; }
  [[nodiscard]] std::vector<ColumnType> types() const;
  /// "memories.summary is not there", of what the definition has and the database has not.
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }
  /// The table has no column that rows are known by, so nothing can be read of it.
  [[nodiscard]] bool is_readable() const { return is_readable_; }

 private:
  void add_key();
  void add_fields();
  void add_ledger_id();
  void add_parts();
  void add_tags(const TableSpec& part);
  void add_vectors(const TableSpec& part);
  void settle_tenant();
  /// Puts `alias`.`column` on the list. False: it is not there.
  bool add(const TableSpec& table, std::string_view alias, const Column& column, Answered::Use use);
  [[nodiscard]] std::string key_text(std::string_view alias) const;
  [[nodiscard]] std::string qualified(std::string_view table) const;

  const Place& place_;
  const Projection& projection_;
  const Ddl& ddl_;
  const TableSpec& table_;
  std::vector<Answered> columns_;
  std::vector<std::string> missing_;
  std::string select_, joins_, where_, order_;
  bool is_readable_ = true;
};

}  // namespace tulving::storage::postgres
