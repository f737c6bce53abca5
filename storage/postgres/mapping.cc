#include "storage/postgres/mapping.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/table.h"

namespace tulving::storage::postgres {
namespace {

constexpr std::string_view kHead =
    "# What maps where\n"
    "\n"
    "Made of the declarations in projections/; tests/postgres/mapping_test.cc compares, and "
    "writes\n"
    "it anew with TULVING_WRITE_MAPPING=1. `from` names fields of the record in parentheses. "
    "Columns\n"
    "that the database fills by itself are left out, and of the records what the store makes by\n"
    "itself: revision, content_hash, and the id of a relation, which follows from its ends and "
    "type.\n";

/// What a projection may hold of a kind.
struct KindFields {
  RecordKind number;
  std::string_view name;
  std::vector<std::string_view> fields;
};

/// The id of such a record follows from its other fields.
template <class Record>
constexpr bool kHasDerivedId =
    std::is_same_v<kinds::Key<Record>, Uuid> && !kinds::kHasOwnId<Record>;

template <class Record>
KindFields fields_of() {
  KindFields kind{kinds::Kind<Record>::number, kinds::Kind<Record>::name, {}};
  kinds::each_field<Record>([&](const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if (field.use == kinds::Use::kStored) return;
    if (kHasDerivedId<Record> && kinds::is_key<Field>()) return;
    kind.fields.push_back(field.name);
  });
  if constexpr (std::is_same_v<Record, Memory>) {
    kind.fields.insert(kind.fields.end(), {"embeddings.model", "embeddings.vector"});
  }
  return kind;
}

std::vector<KindFields> all_kinds() {
  std::vector<KindFields> kinds;
  kinds::RecordKinds::each(
      [&](auto tag) { kinds.push_back(fields_of<typename decltype(tag)::Type>()); });
  return kinds;
}

/// A vector is a field of its memory.
RecordKind kind_of(const TableSpec& table) {
  return table.source == kEmbeddingKind ? RecordKind::kMemory : table.source;
}

/// The names in Column::from: "text, content".
std::vector<std::string_view> names_in(std::string_view from) {
  constexpr std::string_view kBetween = ", ";
  std::vector<std::string_view> names;
  while (!from.empty()) {
    const std::size_t end = std::min(from.find(kBetween), from.size());
    names.push_back(from.substr(0, end));
    from.remove_prefix(std::min(end + kBetween.size(), from.size()));
  }
  return names;
}

/// Whether `name`, in a column of `table`, names the field; "scope" names "scope.until", too.
bool is_named(const TableSpec& table, std::string_view name, const KindFields& kind,
              std::string_view field) {
  const bool is_prefixed = name.starts_with(kind.name) && name.substr(kind.name.size(), 1) == ".";
  if (is_prefixed) {
    name.remove_prefix(kind.name.size() + 1);
  } else if (kind_of(table) != kind.number) {
    return false;
  }
  return field == name || (field.starts_with(name) && field.substr(name.size(), 1) == ".");
}

bool is_named(const TableSpec& table, const KindFields& kind, std::string_view field) {
  return std::ranges::any_of(table.columns, [&](const Column& column) {
    return std::ranges::any_of(names_in(column.from), [&](std::string_view name) {
      return is_named(table, name, kind, field);
    });
  });
}

/// Of this table, and of those that hold parts of any record that has a row in this one.
bool is_held(const Projection& projection, const TableSpec& main, const KindFields& kind,
             std::string_view field) {
  return std::ranges::any_of(projection.tables, [&](const TableSpec& table) {
    return (&table == &main || table.holds == nullptr) && is_named(table, kind, field);
  });
}

std::string lost_row(const Projection& projection, const TableSpec& main, const KindFields& kind,
                     std::string_view whose) {
  std::string lost;
  for (const std::string_view field : kind.fields) {
    if (is_held(projection, main, kind, field)) continue;
    lost += (lost.empty() ? "" : ", ") + std::string(field);
  }
  return "| " + std::string(whose) + " | " + (lost.empty() ? "nothing" : lost) + " |\n";
}

/// The table that a kind's records have a row in, or more than one, where some have it in one and
/// some in another; or those that hold a part of it among others' fields.
std::vector<const TableSpec*> tables_of(const Projection& projection, const KindFields& kind) {
  std::vector<const TableSpec*> apart;
  const TableSpec* first = nullptr;
  for (const TableSpec& table : projection.tables) {
    const bool holds_it = std::ranges::any_of(
        kind.fields, [&](std::string_view field) { return is_named(table, kind, field); });
    if (!holds_it) continue;
    if (first == nullptr) first = &table;
    if (table.holds != nullptr && kind_of(table) == kind.number) apart.push_back(&table);
  }
  if (apart.empty() && first != nullptr) apart.push_back(first);
  return apart;
}

std::string lost_table(const Projection& projection) {
  std::string rows, without;
  for (const KindFields& kind : all_kinds()) {
    const auto tables = tables_of(projection, kind);
    if (tables.empty()) without += (without.empty() ? "" : ", ") + std::string(kind.name);
    for (const TableSpec* table : tables) {
      const std::string name(kind.name);
      rows += lost_row(projection, *table, kind,
                       tables.size() > 1 ? name + " in " + std::string(table->name) : name);
    }
  }
  return "\n### Lost\n\n| record | fields that no column holds |\n|---|---|\n" + rows +
         "\nNo table at all: " + without + ".\n";
}

std::string note_of(const Column& column) {
  const Reference& reference = column.reference;
  if (reference.table.empty()) return std::string(column.note);
  auto note = "its key in " + std::string(reference.table) +
              (reference.when_missing == WhenMissing::kSkip ? "; no row where it has none there"
                                                            : "; NULL where it has none there");
  return column.note.empty() ? note : note + "; " + std::string(column.note);
}

/// What would end the cell stands for itself.
std::string cell(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    if (c == '|') shown += '\\';
    shown += c;
  }
  return shown;
}

std::string table_rows(const TableSpec& table) {
  std::string rows = "\n### " + std::string(table.name) + " (" +
                     std::string(kind_name(table.source)) +
                     ")\n\n| column | from | note |\n|---|---|---|\n";
  if (!table.serial.empty()) {
    rows += "| " + std::string(table.serial) + " |  | drawn by the database |\n";
  }
  for (const Column& column : table.columns) {
    rows += "| " + std::string(column.name) + " | " + cell(column.from) + " | " +
            cell(note_of(column)) + " |\n";
  }
  return rows;
}

/// No declaration's columns depend on the settings.
std::vector<Projection> all_projections() {
  std::vector<Projection> projections;
  for (const PostgresSchema schema : kPostgresSchemas) {
    projections.push_back(make_projection(schema, {.dim = 1, .models = {}}));
  }
  return projections;
}

}  // namespace

std::string mapping_markdown() {
  std::string text(kHead);
  for (const Projection& projection : all_projections()) {
    text += "\n## " + std::string(projection.name()) + "\n";
    for (const TableSpec& table : projection.tables) text += table_rows(table);
    text += lost_table(projection);
  }
  return text;
}

std::vector<std::string> unknown_mapping_fields() {
  const auto kinds = all_kinds();
  // The key of a relation and the like are fields, though none that could be lost.
  const auto is_field = [&](const TableSpec& table, std::string_view name) {
    return name == "id" || std::ranges::any_of(kinds, [&](const KindFields& kind) {
             return std::ranges::any_of(kind.fields, [&](std::string_view field) {
               return is_named(table, name, kind, field);
             });
           });
  };
  std::vector<std::string> unknown;
  for (const Projection& projection : all_projections()) {
    for (const TableSpec& table : projection.tables) {
      for (const Column& column : table.columns) {
        for (const std::string_view name : names_in(column.from)) {
          if (is_field(table, name)) continue;
          unknown.push_back(std::string(projection.name()) + "." + std::string(table.name) + "." +
                            std::string(column.name) + ": " + std::string(name));
        }
      }
    }
  }
  return unknown;
}

}  // namespace tulving::storage::postgres
