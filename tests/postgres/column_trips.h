#pragma once

#include <string>
#include <string_view>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/projection.h"
#include "tests/postgres/random_rows.h"

namespace tulving::storage::postgres {

// What a column's row would show, without a database.

/// The record's field of that name; a default one where it has none of the type.
template <class Value>
[[nodiscard]] Value field_named(const Record& record, std::string_view name) {
  Value found{};
  std::visit(
      [&]<class Kind>(const Kind& of) {
        kinds::each_field<Kind>([&](const auto& field) {
          using Is = typename std::remove_cvref_t<decltype(field)>::Value;
          if constexpr (std::is_same_v<Is, Value>) {
            if (field.name == name) found = field.of(of);
          }
        });
      },
      record);
  return found;
}

/// What a row of such records, or of a memory's vectors, is read into.
[[nodiscard]] inline Record fresh_record(RecordKind kind) {
  Record fresh;
  kinds::RecordKinds::with(kind == kEmbeddingKind ? RecordKind::kMemory : kind,
                           [&](auto tag) { fresh = typename decltype(tag)::Type(); });
  return fresh;
}

/// The record that the reference names: its key, and nothing else.
[[nodiscard]] inline Record named_parent(RecordKind kind, const Record& child,
                                         std::string_view field) {
  Record parent;
  kinds::RecordKinds::with(kind, [&](auto tag) {
    using Kind = typename decltype(tag)::Type;
    Kind made;
    made.*(kinds::Kind<Kind>::key.member) = field_named<kinds::Key<Kind>>(child, field);
    parent = std::move(made);
  });
  return parent;
}

/// The column's value; of a reference the parent's key, where one is named.
[[nodiscard]] inline Field shown(const Projection& projection, const Column& column,
                                 const Row& row) {
  if (column.get != nullptr) return column.get(row);
  if (row.record.value == nullptr || column.reference.id(row.record).empty()) return {};
  const TableSpec& table = *projection.table(column.reference.table);
  const Record parent = named_parent(table.source, *row.record.value, column.from);
  const SourceRecord source{.tenant = row.record.tenant,
                            .tenant_id = row.record.tenant_id,
                            .kind = table.source,
                            .value = &parent};
  for (const Column& key : table.columns) {
    if (key.name == table.key.front()) return key.get(Row{source});
  }
  return {};
}

}  // namespace tulving::storage::postgres
