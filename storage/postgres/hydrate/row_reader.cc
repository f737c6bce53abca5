#include "storage/postgres/hydrate/row_reader.h"

#include <charconv>
#include <utility>

#include "core/base/check.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving::storage::postgres {
namespace {

using Use = TableQuery::Answered::Use;

bool is_null(const Field& value) { return std::holds_alternative<std::monostate>(value); }

std::string text_of(const Field& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  if (const auto* const named = std::get_if<NamedUuid>(&value)) return named->id.to_string();
  return {};
}

Record empty_record(RecordKind kind) {
  Record record;
  kinds::RecordKinds::with(kind, [&](auto tag) { record = typename decltype(tag)::Type(); });
  return record;
}

}  // namespace

RowReader::RowReader(const TableQuery& query, const Projection& projection, const Place& place,
                     Ends ends)
    : query_(query), projection_(projection), place_(place), ends_(std::move(ends)) {}

Status RowReader::take(RowDecoder::Row& row) {
  TULVING_DCHECK(row.fields.size() == query_.columns().size());
  std::string key = text_of(row.fields.front());
  const bool goes_on = pending_ && pending_->key == key && !key.empty();
  if (!goes_on) {
    if (auto status = finish(); !status) return status;
    begin(row, std::move(key));
  }
  if (row.refused && refused_.empty()) {
    refuse(query_.columns()[row.refused->column], "it " + row.refused->why);
  }
  if (refused_.empty()) read_vector(row);
  return {};
}

Status RowReader::finish() {
  if (!pending_) return {};
  ReadRecord record = *std::move(pending_);
  pending_.reset();
  std::string reason = std::exchange(refused_, {});
  if (reason.empty()) return ends_.take(std::move(record));
  ends_.refuse(record.key, std::move(reason));
  return {};
}

void RowReader::refuse(const TableQuery::Answered& column, const std::string& why) {
  if (refused_.empty()) refused_ = column.name + " cannot be read: " + why;
}

void RowReader::begin(RowDecoder::Row& row, std::string key) {
  const TableSpec& table = query_.table();
  pending_ = ReadRecord{empty_record(table.source), std::move(key), {}};
  if (table.ownership == Ownership::kSerial) {
    std::int64_t serial = 0;
    const std::string& text = pending_->key;
    std::from_chars(text.data(), text.data() + text.size(), serial);
    pending_->serial = serial;
  }
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    const auto& column = query_.columns()[i];
    if (column.use == Use::kField) read_field(column, std::move(row.fields[i]));
    if (column.use == Use::kLedgerId) read_ledger_id(row.fields[i]);
    if (column.use == Use::kElements) read_elements(column, std::move(row.fields[i]));
  }
  give_id();
}

void RowReader::read_field(const TableQuery::Answered& column, Field value) {
  const Reference& to = column.column->reference;
  if (to.id != nullptr && !is_null(value)) {
    const std::string parent = text_of(value);
    if (to.when_missing == WhenMissing::kSkip && ends_.was_refused(to.table, parent)) {
      if (refused_.empty()) {
        refused_ = "what it belongs to was refused: " + std::string(to.table) + " " + parent;
      }
      return;
    }
    const TableSpec* const table = projection_.table(to.table);
    if (table != nullptr && table->source == RecordKind::kMemory && table->slot_is_key()) {
      value = memory_id(value);
    }
  }
  if (auto* const named = std::get_if<NamedUuid>(&value)) named->name = place_.name_of(named->id);
  std::string why;
  auto to_record = reading();
  why = column.column->set(std::move(value), to_record);
  if (!why.empty()) refuse(column, why);
}

// orchestrator names memories by the caller's own id, where they have one.
Field RowReader::memory_id(const Field& value) const {
  const std::string name = text_of(value);
  if (name.empty()) return value;
  if (const auto id = Uuid::parse(name)) return NamedUuid{*id, {}};
  const auto found = ends_.ids.find(name);
  return NamedUuid{found != ends_.ids.end() ? found->second : Uuid::derive(place_.tenant(), name),
                   {}};
}

// A memory that has a name and an id of its own, or a record that the row shows no id of.
void RowReader::read_ledger_id(const Field& value) {
  const auto id = Uuid::parse(text_of(value));
  if (!id) return;
  if (auto* const memory = std::get_if<Memory>(&pending_->record)) {
    if (!query_.table().slot_is_key() || memory->id == *id) return;
    memory->id = *id;
    if (!memory->external_id.empty()) ends_.ids.emplace(memory->external_id, *id);
    return;
  }
  if (query_.table().ownership != Ownership::kSerial) return;
  std::visit(
      [&]<class Kind>(Kind& record) {
        if constexpr (kinds::kHasOwnId<Kind> && std::is_same_v<kinds::Key<Kind>, std::string>) {
          record.*kinds::Kind<Kind>::key.member = id->to_string();
        }
      },
      pending_->record);
}

void RowReader::read_elements(const TableQuery::Answered& column, Field value) {
  auto* const texts = std::get_if<std::vector<std::string>>(&value);
  if (texts == nullptr) return;
  for (std::string& text : *texts) {
    auto to = reading();
    if (auto why = column.column->set(std::move(text), to); !why.empty()) refuse(column, why);
  }
}

// Into a memory of its own first: the columns speak of one vector.
void RowReader::read_vector(RowDecoder::Row& row) {
  Record scratch = Memory();
  Reading to{scratch, place_.tenant()};
  bool is_there = false;
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    const auto& column = query_.columns()[i];
    if (column.use != Use::kVectorPart || is_null(row.fields[i])) continue;
    is_there = true;
    if (auto why = column.column->set(std::move(row.fields[i]), to); !why.empty()) {
      refuse(column, why);
    }
  }
  if (!is_there) return;
  for (Embedding& embedding : std::get<Memory>(scratch).embeddings) {
    std::get<Memory>(pending_->record).embeddings.push_back(std::move(embedding));
  }
}

// A row that shows no id, and that the ledger does not know, has one made of its place: so the next
// hydrate gives it the same.
void RowReader::give_id() {
  if (!pending_->serial) return;
  const std::string place = std::string(query_.table().name) + "/" + pending_->key;
  std::visit(
      [&]<class Kind>(Kind& record) {
        if constexpr (kinds::kHasOwnId<Kind> && std::is_same_v<kinds::Key<Kind>, std::string>) {
          auto& id = record.*kinds::Kind<Kind>::key.member;
          if (id.empty()) id = Uuid::derive(place_.tenant(), place).to_string();
        }
      },
      pending_->record);
}

}  // namespace tulving::storage::postgres
