#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/source_record.h"
#include "storage/postgres/wire/field.h"

namespace tulving::storage::postgres {

// A table of a target schema as sync and hydrate see it: which records its rows are made of, and
// each column with its value from the record and back. Copying, merging, deletion, ownership and
// hydration are derived from what stands here; types, keys and indexes from the schema's .sql file.

/// What one row is made of.
struct Row {
  const SourceRecord& record;
  std::size_t element = 0;  ///< Which of TableSpec::elements, where a record has several rows.
};

/// What one row is read into.
struct Reading {
  Record& record;
  std::string_view tenant_id;
};

/// What becomes of a row whose parent is not there.
enum class WhenMissing : std::uint8_t {
  kSkip,   ///< It is left out and listed; it goes when the parent goes.
  kClear,  ///< The column is NULL until the parent comes, and when it goes.
};

/// A column that holds the key of a row of another table of the schema.
struct Reference {
  std::string_view table;
  WhenMissing when_missing = WhenMissing::kSkip;
  /// record_id() of the parent; empty: it names none.
  std::string (*id)(const SourceRecord& record) = nullptr;
};

struct Column {
  std::string_view name;
  std::string_view from;  ///< The record's fields, as the README's table names them.
  /// The value. Null: of a Reference, whose parent's key it is.
  Field (*get)(const Row& row) = nullptr;
  /// Puts a value that a database gave into the record; why it cannot be, or empty. Null: the
  /// column is derived from others, and not read.
  std::string (*set)(Field&& value, Reading& to) = nullptr;
  Reference reference = {};
  /// SQL for the value where the row brings none; `s` is the staged row.
  std::string_view if_null = {};
  std::string_view note = {};  ///< For the README: what it is made of, what is lost.
};

/// How a row is known to be ours, so that a deletion takes no row of another origin.
enum class Ownership : std::uint8_t {
  kKey,     ///< tulving.sync_rows has its key.
  kSerial,  ///< tulving.sync_rows has its `serial`, drawn when it is first sent.
  kParent,  ///< Ours where its parent's row is, the first column's that is a reference.
};

struct TableSpec {
  std::string_view name;
  RecordKind source{};  ///< What its rows are made of.
  std::vector<Column> columns = {};
  std::vector<std::string_view> key = {};  ///< What finds a row again; columns of a unique key.
  Ownership ownership = Ownership::kKey;
  std::string_view serial = {};  ///< For kSerial; `key` may then be empty.

  /// Whether the record has a row here; null: each of its kind.
  bool (*holds)(const SourceRecord& record) = nullptr;
  /// How many rows it has; null: one.
  std::size_t (*elements)(const SourceRecord& record) = nullptr;

  /// A value that no two rows may share: the first by rank(), then by id, has it, the others are
  /// listed. Null: none.
  std::string (*slot)(const SourceRecord& record) = nullptr;
  std::int64_t (*rank)(const SourceRecord& record) = nullptr;
  std::vector<std::string_view> slot_columns = {};  ///< That hold it. Those of the key: it is it.
  std::string_view slot_noun = {};                  ///< "text", "name": for the reason.

  /// Frees slot_columns of a row whose slot changes, until all are free: an assignment, `s` the
  /// staged row. Empty: the last of them becomes the id.
  std::string_view vacate = {};

  /// CHECK on the staged rows beyond the table's own, for what its indexes would refuse.
  std::string_view staging_check = {};
  /// For kParent: a changed parent brings all of its rows, so those not brought are gone, ...
  bool parent_brings_all = false;
  /// ... or only a full snapshot does. Of these, only rows `t` that meet this condition are ours.
  std::string ours = "true";
  /// Of a table of memories: the column of a vector, and that of the related memories.
  std::string_view vector_column = {};
  std::string_view related_column = {};
  /// Made of a name that a record uses (projects, tasks), where no record of that kind is.
  bool has_placeholders = false;

  [[nodiscard]] bool takes(const SourceRecord& record) const {
    return record.kind == source && (holds == nullptr || holds(record));
  }
  [[nodiscard]] bool slot_is_key() const { return slot != nullptr && slot_columns == key; }
};

/// A parent that a record names, though no record of that name need be there.
struct Placeholder {
  std::string_view table;
  std::string name;  ///< The caller's own id.
};

}  // namespace tulving::storage::postgres
