#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/projection.h"
#include "storage/postgres/settlement.h"
#include "storage/postgres/skip_list.h"
#include "storage/postgres/target/ddl.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {

/// The names behind UUIDs that stand for them, by tenant and UUID; see tulving.sync_names.
using SyncNames = std::map<std::pair<std::string, Uuid>, std::string>;

/// Makes a table's rows of records: each column's value by its declaration, in the form of its DDL.
/// What a record does not have is NULL where the column takes it, else the column's empty text,
/// object or array.
class RowWriter {
 public:
  struct Context {
    const Projection& projection;
    const Ddl& ddl;
    const Settlement& settlement;
    const SkipList& skips;
    SyncNames& names;
  };
  /// `with_vectors`: the column of a vector is sent with its memory; else by itself.
  RowWriter(const Context& context, std::size_t table, bool with_vectors);

  /// The columns sent, in order.
  [[nodiscard]] const std::vector<const Column*>& columns() const { return columns_; }
  /// Writes the record's rows, each under `name`; with its id first where `with_id`.
  Status write(const SourceRecord& record, const CopyWriter::RowName& name, bool with_id,
               CopyWriter& copy);
  /// The parent that keeps the record from having a row; empty: none.
  [[nodiscard]] std::string missing_parent(const SourceRecord& record) const;

 private:
  struct Sent {
    const Column* column;
    const DdlColumn* ddl;
    std::size_t parent;  ///< The referenced table's place.
  };
  [[nodiscard]] bool has_parent(const Sent& sent, const SourceRecord& record,
                                const std::string& id) const;
  void write_field(const Sent& sent, const Row& row, RowEncoder& out);
  void keep_name(const SourceRecord& record, const Field& value);

  Context context_;
  const TableSpec& table_;
  std::vector<const Column*> columns_;
  std::vector<Sent> sent_;
};

/// `value`, in the form that the column shows of it: absent ones as above.
[[nodiscard]] Field shown(Field value, const DdlColumn& column);

}  // namespace tulving::storage::postgres
