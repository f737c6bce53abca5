#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/source.h"
#include "storage/postgres/wire/row_encoder.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

// A projection is one target schema: its DDL and how a record becomes rows. Everything else -
// copying, merging, deleting, ownership, the shape check - is derived from what stands here.
//
// To add one: write NAME_tables.cc with the tables and NAME.cc with a class below, and name it in
// make_projection().

/// What one row of a table is made of.
struct SourceRow {
  const SourceRecord& record;
  std::string_view element;  ///< Of TableSpec::elements, where the table has them.
};

/// A column that is sent, with where its value comes from.
struct Column {
  std::string name;
  /// Encodes the one field.
  void (*write)(const SourceRow& row, RowEncoder& out) = nullptr;
  /// SQL for the value where the row brings NULL; `s` is the staged row. Empty: NULL stays.
  std::string if_null = {};
};

/// How a row is known to be ours, so that a deletion takes no row of another origin.
enum class Ownership : std::uint8_t {
  kKey,     ///< Recorded in tulving.sync_rows under the one key column, which is the record's id.
  kSerial,  ///< Recorded under the record's id with the row's `serial`: the table holds no such id.
  kParent,  ///< Ours where its parent row is; the parent is the first reference.
};

/// A foreign key of a table to another one of the projection.
struct Reference {
  std::string column;
  std::string table;
};

struct TableSpec {
  std::string name;
  std::string create;                ///< CREATE TABLE, unqualified.
  std::vector<std::string> indexes;  ///< CREATE INDEX; on a new table they are made after its rows.

  // The rest matters only where `source` is set: a table without one is created, and left alone.
  SourceKind source = SourceKind::kNone;
  std::vector<Column> columns = {};
  /// Where a record has not one row but several: what each of them is made for.
  std::vector<std::string_view> (*elements)(const SourceRecord& record) = nullptr;
  std::vector<std::string> key = {};  ///< A unique constraint's columns, among `columns`.
  Ownership ownership = Ownership::kKey;
  std::string serial = {};                 ///< For kSerial.
  std::vector<Reference> references = {};  ///< Those that cascade a deletion.
  /// CHECK on the staged rows beyond the table's own, for what its indexes would refuse.
  std::string staging_check = {};
  /// For kParent: a changed parent brings all of its rows, so those not brought are gone, ...
  bool parent_brings_all = false;
  /// ... or only a full snapshot does. Of these, only rows `t` that meet this condition are ours.
  std::string ours = "true";
  /// Rows of kilobytes: into an empty table they are copied directly, without staging.
  bool is_bulky = false;
};

/// A record's name in a table, and the names that must be there before it.
struct Claim {
  struct Need {
    std::string table;
    std::string id;
  };
  std::string table;
  std::string id;
  std::vector<Need> needs = {};  ///< At most kNeedsMax.
};
inline constexpr std::size_t kNeedsMax = 2;

/// What a projection may depend on.
struct ProjectionSettings {
  std::uint32_t dim = 0;
  std::vector<std::string> models;  ///< Names of the store's embedding models.
  bool has_halfvec = false;         ///< pgvector 0.7 or later.
};

/// Where rows are written: begin_row(), the fields in the order of TableSpec::columns, end_row().
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual RowEncoder& begin_row() = 0;
  virtual Status end_row() = 0;
};

/// How many rows of `table` a record has.
[[nodiscard]] std::size_t row_count(const TableSpec& table, const SourceRecord& record);
/// Writes them.
Status write_rows(const TableSpec& table, const SourceRecord& record, RowSink& rows);

class Projection {
 public:
  virtual ~Projection() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Parents before children.
  [[nodiscard]] virtual std::vector<TableSpec> tables(const ProjectionSettings& settings) const = 0;
  /// The column whose vector(n) a schema that exists fixes: table and column.
  [[nodiscard]] virtual std::pair<std::string, std::string> vector_column() const = 0;

  /// A tombstone's is the table and id that it deletes.
  [[nodiscard]] virtual Claim claim(const SourceRecord& record) const = 0;
  /// Why no table can hold the record; empty: they can.
  [[nodiscard]] virtual std::string refusal(const SourceRecord& record,
                                            const ProjectionSettings& settings) const = 0;
};

/// kInvalidArgument: there is no projection of that name; the message lists those that are.
Result<std::unique_ptr<Projection>> make_projection(std::string_view name);

/// In orchestrator.cc.
std::unique_ptr<Projection> make_orchestrator();

}  // namespace tulving::storage::postgres
