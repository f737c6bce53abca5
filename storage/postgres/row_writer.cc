#include "storage/postgres/row_writer.h"

#include "core/base/check.h"
#include "storage/postgres/wire/field_encoding.h"

namespace tulving::storage::postgres {
namespace {

bool is_absent(const Field& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return texts->empty();
  if (const auto* ids = std::get_if<std::vector<Uuid>>(&value)) return ids->empty();
  if (const auto* vector = std::get_if<std::span<const float>>(&value)) return vector->empty();
  return false;
}

}  // namespace

Field shown(Field value, const DdlColumn& column) {
  if (!is_absent(value)) return value;
  switch (column.type) {
    case ColumnType::kJson:
      if (column.default_text == "{}" || column.default_text == "[]") return column.default_text;
      return column.not_null ? Field("{}") : Field();
    case ColumnType::kTextArray:
      return column.not_null ? Field(std::vector<std::string>()) : Field();
    case ColumnType::kUuidArray:
      return column.not_null ? Field(std::vector<Uuid>()) : Field();
    case ColumnType::kText:
      return column.not_null ? Field(std::string()) : Field();
    default:
      return {};
  }
}

RowWriter::RowWriter(const Context& context, std::size_t table, bool with_vectors)
    : context_(context), table_(context.projection.tables.at(table)) {
  const Ddl::Table* ddl = context.ddl.find(table_.name);
  TULVING_DCHECK(ddl != nullptr);
  for (const Column& column : table_.columns) {
    if (!with_vectors && table_.source == RecordKind::kMemory &&
        column.name == table_.vector_column) {
      continue;
    }
    Sent sent{&column, ddl->find(column.name), 0};
    TULVING_DCHECK(sent.ddl != nullptr);
    for (std::size_t i = 0; i < table && column.reference.id != nullptr; ++i) {
      if (context.projection.tables[i].name == column.reference.table) sent.parent = i;
    }
    columns_.push_back(&column);
    sent_.push_back(sent);
  }
}

// Settled, and not refused by the database since.
bool RowWriter::has_parent(const Sent& sent, const SourceRecord& record,
                           const std::string& id) const {
  return context_.settlement.has(sent.parent, record.tenant_id, id) &&
         !context_.skips.contains(record.tenant_id, sent.column->reference.table, id);
}

std::string RowWriter::missing_parent(const SourceRecord& record) const {
  for (const Sent& sent : sent_) {
    const Reference& reference = sent.column->reference;
    if (reference.id == nullptr || reference.when_missing != WhenMissing::kSkip) continue;
    const std::string id = reference.id(record);
    if (!id.empty() && !has_parent(sent, record, id)) {
      return std::string(reference.table) + " " + id;
    }
  }
  return {};
}

void RowWriter::keep_name(const SourceRecord& record, const Field& value) {
  const auto* const named = std::get_if<NamedUuid>(&value);
  if (named == nullptr || named->name.empty()) return;
  context_.names.emplace(std::pair(std::string(record.tenant_id), named->id), named->name);
}

void RowWriter::write_field(const Sent& sent, const Row& row, RowEncoder& out) {
  const Reference& reference = sent.column->reference;
  if (reference.id == nullptr) {
    Field value = sent.column->get(row);
    const bool is_sql = !sent.column->if_null.empty();  // What is absent is found there.
    if (!is_sql) value = shown(std::move(value), *sent.ddl);
    keep_name(row.record, value);
    encode(value, sent.ddl->type, out);
    return;
  }
  const std::string id = reference.id(row.record);
  if (id.empty() || !has_parent(sent, row.record, id)) return out.null();
  const bool has_slot = context_.projection.tables[sent.parent].slot_is_key();
  const std::string slot =
      has_slot ? context_.settlement.slot_of(sent.parent, row.record.tenant_id, id) : "";
  encode(slot.empty() ? id : slot, sent.ddl->type, out);
}

Status RowWriter::write(const SourceRecord& record, const CopyWriter::RowName& name, bool with_id,
                        CopyWriter& copy) {
  TULVING_DCHECK(table_.takes(record));
  TULVING_DCHECK(!name.id.empty());  // By it a row that is refused is named.
  const std::size_t rows = table_.elements == nullptr ? 1 : table_.elements(record);
  for (std::size_t element = 0; element < rows; ++element) {
    RowEncoder& out = copy.begin_row();
    if (with_id) out.text(name.id);
    for (const Sent& sent : sent_) write_field(sent, {record, element}, out);
    if (auto status = copy.end_row(name); !status) return status;
  }
  return {};
}

}  // namespace tulving::storage::postgres
