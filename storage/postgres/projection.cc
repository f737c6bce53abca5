#include "storage/postgres/projection.h"

#include <utility>

#include "core/base/check.h"

namespace tulving::storage::postgres {

Result<std::unique_ptr<Projection>> make_projection(std::string_view name) {
  using Make = std::unique_ptr<Projection> (*)();
  constexpr std::pair<std::string_view, Make> kProjections[] = {
      {"orchestrator", &make_orchestrator},
  };
  std::string known;
  for (const auto& [known_name, make] : kProjections) {
    TULVING_DCHECK(make()->name() == known_name);
    if (known_name == name) return make();
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  return Error{ErrorCode::kInvalidArgument,
               "there is no projection \"" + std::string(name) + "\"; there are: " + known,
               "projections"};
}

std::size_t row_count(const TableSpec& table, const SourceRecord& record) {
  if (table.source != record.kind) return 0;
  return table.elements == nullptr ? 1 : table.elements(record).size();
}

Status write_rows(const TableSpec& table, const SourceRecord& record, RowSink& rows) {
  const auto write = [&](std::string_view element) {
    RowEncoder& out = rows.begin_row();
    for (const Column& column : table.columns) column.write({record, element}, out);
    return rows.end_row();
  };
  TULVING_DCHECK(table.source == record.kind);  // Columns ask the record for no other kind.
  TULVING_DCHECK(!table.columns.empty());
  if (table.elements == nullptr) return write({});
  for (const auto element : table.elements(record)) {
    if (auto status = write(element); !status) return status;
  }
  return {};
}

}  // namespace tulving::storage::postgres
