// Erasing: a memory, what hangs on it, and what was made from it.

#include <algorithm>
#include <iterator>
#include <set>

#include "core/base/check.h"
#include "core/base/json/json_text.h"
#include "core/engine/write/transaction.h"
#include "storage/vector_tombstone.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

namespace {

// The memory for whose content a change has to go with `erased`: itself, what was made from it, or
// what a relation of it tells. Empty: the change may stay.
std::optional<Uuid> content_of(const PlanChange& change, const Uuid& erased) {
  for (const auto* side : {&change.before, &change.after}) {
    if (!*side) continue;
    if (const auto* memory = std::get_if<Memory>(&**side)) {
      const auto& sources = memory->source_memory_ids;
      if (memory->id == erased || std::ranges::find(sources, erased) != sources.end()) {
        return memory->id;
      }
    } else if (const auto* relation = std::get_if<Relation>(&**side)) {
      if (relation->source_id == erased || relation->target_id == erased) return erased;
    }
  }
  return std::nullopt;
}

// The image of a memory that was derived anew says what the memory says now; what the plan did to
// it stays.
void rewrite_image(Memory& image, Memory present) {
  present.status = image.status;
  present.updated_at = image.updated_at;
  present.promoted_at = image.promoted_at;
  present.archived_at = image.archived_at;
  present.deleted_at = image.deleted_at;
  present.ltm_path = image.ltm_path;
  present.consolidated_into_id = image.consolidated_into_id;
  present.revision = image.revision;
  image = std::move(present);
}

void rewrite_images(PlanChange& change, const Memory& present) {
  for (auto* side : {&change.before, &change.after}) {
    if (!*side) continue;
    if (auto* memory = std::get_if<Memory>(&**side)) rewrite_image(*memory, present);
    auto* relation = std::get_if<Relation>(&**side);
    if (relation != nullptr && names_shared_words(*relation)) relation->metadata.clear();
  }
}

// The object without what it says in its memories' own words: the names that the ends of a relation
// share, and a note's, which is made of its memory's first words.
std::string without_words(const std::string& object) {
  std::string kept;
  if (object.empty() || JsonValue::whole(object).kind() != JsonKind::kObject) return object;
  JsonValue::whole(object).each_member([&](std::string_view name, JsonValue value) {
    kept += kept.empty() ? '{' : ',';
    append_json_string(kept, name);
    kept += ':';
    if (name == "shared_entities" || name == "shared_tags") {
      kept += "[]";
    } else if (name == "ltm_path") {
      kept += "\"\"";
    } else {
      kept += value.raw();
    }
    return true;
  });
  return kept.empty() ? object : kept + '}';
}

void forget_words(PlanChange& change, const Uuid& erased) {
  for (auto* side : {&change.before, &change.after}) {
    auto* task = *side ? std::get_if<ConsolidationTask>(&**side) : nullptr;
    if (task != nullptr && std::ranges::binary_search(task->memory_ids, erased)) {
      task->notes = without_words(task->notes);
    }
  }
}

void forget_words(PlanItem& item, const Uuid& erased) {
  const auto is_it = [&](const PlanInput& input) { return input.id == erased; };
  if (std::ranges::none_of(item.inputs, is_it)) return;
  item.result = without_words(item.result);
  // It may name a note.
  if (!item.error.empty()) item.error = "a memory of it was erased since";
}

}  // namespace

bool names_shared_words(const Relation& relation) {
  return relation.metadata.find("\"shared_entities\"") != std::string::npos ||
         relation.metadata.find("\"shared_tags\"") != std::string::npos;
}

Status Transaction::erase_memory(const Uuid& id) {
  const RecordPtr record = memory(id);
  TULVING_DCHECK(record != nullptr);  // Who asks has looked: what is gone is kNotFound.
  const ContentBan ban = ban_of(tenant_->id, said_by(*record));
  for (ConsolidationTask& task : closed_tasks_of(id, "a memory of it was erased")) {
    put(std::move(task));
  }
  // Also of those that were closed before.
  const auto forget = [&](const std::string& task_id) {
    auto task = get<ConsolidationTask>(task_id);
    if (!task || !std::ranges::binary_search(task->memory_ids, id)) return;
    std::string notes = without_words(task->notes);
    if (notes == task->notes) return;
    task->notes = std::move(notes);
    put(*std::move(task));
  };
  for (const auto& [task_id, task] : tenant_->records.of<ConsolidationTask>()) {
    if (std::ranges::binary_search(task.memory_ids, id) && !task.notes.empty()) forget(task_id);
  }
  ban_name(*record, ban);
  return remove_memory(id, ban);
}

// A record of its name alone would have the id that the name derives.
void Transaction::ban_name(const storage::MemoryRecord& record, const ContentBan& ban) {
  TULVING_DCHECK(ban.digest != 0);  // That would say that it was taken back, and may return.
  if (record.external_id().empty()) return;
  const Uuid derived = Uuid::derive(tenant_->id, record.external_id());
  if (derived == record.id() || memory(derived)) return;
  bury_memory(derived, ban);
}

Status Transaction::retract_memory(const Uuid& id) { return remove_memory(id, {}); }

// The memory alone, with what hangs on it.
Status Transaction::remove_memory(const Uuid& id, const ContentBan& ban) {
  if (auto status = follow_memory(id); !status) return status;
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kMemory, id));
  if (const auto row = tenant_->memories.find(id)) {
    for (const std::uint16_t model : models_of(*row)) {
      batch_.erase(Table::kVectors, storage::vector_key(number_, id, model));
    }
  }
  MemoryChange& change = change_of(id);
  for (const auto& vector : change.vectors) {
    batch_.erase(Table::kVectors, storage::vector_key(number_, id, vector.model));
  }
  if (auto status = erase_history(id); !status) return status;
  change.after = nullptr;
  change.vectors.clear();
  bury_memory(id, ban);
  TULVING_DCHECK(relations_of(id).empty());  // Nothing hangs on what is gone.
  return {};
}

Status Transaction::erase_history(const Uuid& id) {
  const auto versions = context_.journal.snapshot();
  auto scanned = versions->scan(Table::kHistory, storage::history_prefix(number_, id),
                                [&](std::string_view key, std::string_view) -> Status {
                                  batch_.erase(Table::kHistory, std::string(key));
                                  return {};
                                });
  if (!scanned) return scanned;
  if (const RecordPtr before = memory_before(id)) {
    // A version staged in this very transaction may have put one more.
    batch_.erase(Table::kHistory, storage::history_key(number_, id, before->revision()));
  }
  return {};
}

void Transaction::drop_vectors(const Uuid& id, std::span<const Embedding> kept) {
  TULVING_DCHECK(memory(id) != nullptr);  // It stays; one that goes takes its vectors with it.
  MemoryChange& change = change_of(id);
  const auto drop = [&](std::uint16_t model) {
    const std::string name = model_name(model);
    if (std::ranges::find(kept, name, &Embedding::model) != kept.end()) return;
    batch_.erase(Table::kVectors, storage::vector_key(number_, id, model));
    std::erase_if(change.vectors, [&](const auto& vector) { return vector.model == model; });
    change.vectors.push_back({model, {}, nullptr});
    put_vector_tombstone(id, name);
  };
  std::vector<std::uint16_t> models;
  for (const auto& vector : change.vectors) models.push_back(vector.model);
  if (const auto row = tenant_->memories.find(id)) {
    std::ranges::copy(models_of(*row), std::back_inserter(models));
  }
  for (const std::uint16_t model : models) drop(model);
}

void Transaction::put_vector_tombstone(const Uuid& memory, const std::string& model) {
  const std::string name = storage::vector_tombstone_name(memory, model);
  put_tombstone(static_cast<RecordKind>(storage::kVectorTombstone),
                storage::vector_tombstone_id(tenant_->id, name), {context_.revision, 0, name, 0});
}

// A memory that comes back takes its tombstone away, which told that its vectors went with it: who
// has not seen it must learn of those that do not come back.
void Transaction::tell_lost_vectors(const Uuid& id, const MemoryChange& change) {
  for (const storage::ModelRow& model : context_.catalog.models()) {
    if (std::ranges::find(change.vectors, model.number, &MemoryChange::VectorChange::model) ==
        change.vectors.end()) {
      put_vector_tombstone(id, model.name);
    }
  }
}

// Plans keep records before and after: those of an erased memory go, and its words in their items.
// So do those of what was made
// from it and has been taken back since; where it is still there, derived anew, they get its
// present words.
Status Transaction::scrub_plans(const Uuid& id, std::span<const Uuid> made) {
  std::vector<Uuid> left(made.begin(), made.end());
  left.push_back(id);
  std::set<Uuid> seen(left.begin(), left.end());
  while (!left.empty()) {
    const Uuid holder = left.back();
    left.pop_back();
    for (const auto& [plan_id, head] : tenant_->plans) {
      if (!std::ranges::binary_search(head.memories, holder)) continue;
      auto changed = plan(plan_id);
      if (!changed) return changed.error();
      const Plan before = *changed;
      std::set<Uuid> gone(changed->erased.begin(), changed->erased.end());
      std::erase_if(changed->changes, [&](PlanChange& change) {
        const auto content = content_of(change, holder);
        if (!content) return false;
        if (seen.insert(*content).second) left.push_back(*content);
        if (const RecordPtr present = memory(*content)) {
          rewrite_images(change, present->to_memory());
          return false;
        }
        gone.insert(*content);
        return true;
      });
      for (PlanChange& change : changed->changes) forget_words(change, holder);
      for (PlanItem& item : changed->items) forget_words(item, holder);
      changed->erased.assign(gone.begin(), gone.end());
      if (*changed != before) put_plan(*std::move(changed));
    }
  }
  return {};
}

}  // namespace tulving::engine
