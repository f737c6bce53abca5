#include "core/engine/write/planned_record.h"

#include <fmt/format.h>

#include <variant>

#include "core/kinds/memory.h"

namespace tulving::engine {

namespace {

std::string planned_name(const Relation& relation) {
  return fmt::format("relation {} -{}-> {}", relation.source_id.to_string(), relation.relation_type,
                     relation.target_id.to_string());
}

std::string key_text(const std::string& key) { return key; }
std::string key_text(const Uuid& key) { return key.to_string(); }

template <class Record>
std::string planned_name(const Record& record) {
  return fmt::format("{} {}", kinds::Kind<Record>::noun, key_text(kinds::key_of(record)));
}

std::optional<PlannedRecord> current(const Transaction& transaction, const Memory& like) {
  const RecordPtr record = transaction.memory(like.id);
  if (!record) return std::nullopt;
  return PlannedRecord(record->to_memory());
}

template <class Record>
std::optional<PlannedRecord> current(const Transaction& transaction, Record like) {
  kinds::give_id(transaction.tenant_id(), like);
  auto found = transaction.get<Record>(kinds::key_of(like));
  if (!found) return std::nullopt;
  return PlannedRecord(*std::move(found));
}

}  // namespace

std::string name_of(const PlannedRecord& record) {
  return std::visit([](const auto& kind) { return planned_name(kind); }, record);
}

std::optional<PlannedRecord> current(const Transaction& transaction, const PlannedRecord& like) {
  return std::visit([&](const auto& kind) { return current(transaction, kind); }, like);
}

}  // namespace tulving::engine
