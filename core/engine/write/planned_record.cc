#include "core/engine/write/planned_record.h"

#include <fmt/format.h>

#include <variant>

namespace tulving::engine {

std::string name_of(const PlannedRecord& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) return "memory " + memory->id.to_string();
  if (const auto* relation = std::get_if<Relation>(&record)) {
    return fmt::format("relation {} -{}-> {}", relation->source_id.to_string(),
                       relation->relation_type, relation->target_id.to_string());
  }
  return "task " + std::get<ConsolidationTask>(record).task_id;
}

std::optional<PlannedRecord> current(const Transaction& transaction, const PlannedRecord& like) {
  if (const auto* memory = std::get_if<Memory>(&like)) {
    const RecordPtr record = transaction.memory(memory->id);
    if (!record) return std::nullopt;
    return PlannedRecord(record->to_memory());
  }
  if (const auto* relation = std::get_if<Relation>(&like)) {
    auto found = transaction.relation(relation_id(transaction.tenant_id(), *relation));
    if (!found) return std::nullopt;
    return PlannedRecord(*std::move(found));
  }
  auto found = transaction.task(std::get<ConsolidationTask>(like).task_id);
  if (!found) return std::nullopt;
  return PlannedRecord(*std::move(found));
}

}  // namespace tulving::engine
