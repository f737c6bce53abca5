#include "core/engine/plans/plan_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "core/base/check.h"
#include "core/engine/follow/derivation.h"
#include "core/model/names/task_id.h"

namespace tulving::engine {
namespace {

constexpr std::size_t kProblemsNamed = 5;

std::uint64_t revision_of(const PlannedRecord& record) {
  return std::visit([](const auto& kind) { return kind.revision; }, record);
}

// The record as it is compared: without its revision, and without the vectors, which no plan
// changes.
PlannedRecord comparable(PlannedRecord record) {
  std::visit([](auto& kind) { kind.revision = 0; }, record);
  if (auto* memory = std::get_if<Memory>(&record)) memory->embeddings.clear();
  return record;
}

// A memory that has got a vector since is as it was.
bool is_as_of(const Transaction& transaction, const PlannedRecord& present,
              std::uint64_t revision) {
  const auto* memory = std::get_if<Memory>(&present);
  if (memory == nullptr) return revision_of(present) == revision;
  const RecordPtr record = transaction.memory(memory->id);
  TULVING_DCHECK(record != nullptr);  // It is `present`.
  return record->is_as_of(revision);
}

void compare_inputs(const Transaction& transaction, const Plan& plan, Problems& problems) {
  for (const PlanItem& item : plan.items) {
    if (item.outcome != ItemOutcome::kPlanned && item.outcome != ItemOutcome::kWaiting) continue;
    for (const PlanInput& input : item.inputs) {
      const RecordPtr record = transaction.memory(input.id);
      if (record && record->is_as_of(input.revision)) continue;
      problems.add(record ? fmt::format("memory {} is at revision {}, not {}", input.id.to_string(),
                                        record->revision(), input.revision)
                          : fmt::format("memory {} is gone", input.id.to_string()));
    }
  }
}

void compare_made(const Transaction& transaction, const PlannedRecord& made, Problems& problems) {
  if (current(transaction, made)) {
    problems.add(name_of(made) + " is there already");
  } else if (const auto* memory = std::get_if<Memory>(&made);
             memory != nullptr && transaction.is_erased(memory->id)) {
    problems.add(name_of(made) + " was erased, and no plan brings it back");
  }
}

void compare_changed(const Transaction& transaction, const PlannedRecord& before,
                     Problems& problems) {
  const auto present = current(transaction, before);
  if (!present) {
    problems.add(name_of(before) + " is gone");
  } else if (!is_as_of(transaction, *present, revision_of(before))) {
    problems.add(fmt::format("{} is at revision {}, not {}", name_of(before), revision_of(*present),
                             revision_of(before)));
  }
}

// Whether nobody but its sources has changed the merge or pattern since the plan made it.
bool has_followed(const Transaction& transaction, const PlannedRecord& present,
                  const PlanChange& change) {
  const auto* memory = std::get_if<Memory>(&present);
  if (memory == nullptr || change.before || memory->source_memory_ids.empty()) return false;
  return is_as_derived(transaction, *memory);
}

// Whether what the plan put is gone because sources of it changed: a merge that had too few left,
// its links.
bool has_gone_back(const Transaction& transaction, const PlannedRecord& after,
                   const std::set<Uuid>& made) {
  if (const auto* memory = std::get_if<Memory>(&after)) {
    return transaction.is_retracted(memory->id);
  }
  const auto* relation = std::get_if<Relation>(&after);
  return relation != nullptr && relation->relation_type == "consolidated_from" &&
         made.contains(relation->source_id);
}

// What others put upon the memories that a plan made, since. Taking those back would leave it
// hanging.
class Hangers {
 public:
  Hangers(const Transaction& transaction, const Plan& plan)
      : transaction_(transaction), made_(made_by(plan)) {
    for (const PlanChange& change : plan.changes) {
      for (const auto* record : {&change.before, &change.after}) {
        if (*record) own_.insert(name_of(**record));
      }
    }
  }

  void find(Problems& problems) const {
    if (made_.empty()) return;
    for (const Uuid& id : made_) {
      const RecordPtr made = transaction_.memory(id);
      const std::vector<Uuid> sources = made ? made->source_memory_ids() : std::vector<Uuid>();
      const auto is_source = [&](const Uuid& other) {
        return std::ranges::find(sources, other) != sources.end();
      };
      for (const Relation& relation : transaction_.relations_of(id)) {
        if (relation.source_id == id && is_source(relation.target_id) &&
            relation.relation_type == "consolidated_from") {
          continue;  // To one that came in for a merge that had gone back into it.
        }
        report(relation, "was made to", id, problems);
      }
      for (const Uuid& other :
           transaction_.memories_where(kConsolidatedIntoField, id.to_string())) {
        if (is_source(other)) continue;
        TULVING_DCHECK(
            transaction_.memory(other));  // Nothing is staged yet, so the index is right.
        report(transaction_.memory(other)->to_memory(), "was merged into", id, problems);
      }
    }
    find_derived(problems);
    for (const ConsolidationTask& task : transaction_.all<ConsolidationTask>()) {
      if (task.status == ConsolidationTaskStatus::kClosed || task.action == "rewrite") continue;
      for (const Uuid& id : task.memory_ids) {
        if (made_.contains(id)) report(task, "was opened for", id, problems);
      }
    }
  }

 private:
  void find_derived(Problems& problems) const {
    for (const Uuid& source : made_) {
      for (const Uuid& derived : transaction_.derived_of(source)) {
        TULVING_DCHECK(transaction_.memory(derived));
        report(transaction_.memory(derived)->to_memory(), "was made from", source, problems);
      }
    }
  }

  void report(const PlannedRecord& hanger, std::string_view how, const Uuid& id,
              Problems& problems) const {
    const std::string name = name_of(hanger);
    if (own_.contains(name)) return;
    problems.add(fmt::format("{} {} memory {} since", name, how, id.to_string()));
  }

  const Transaction& transaction_;
  std::set<std::string> own_;  // Names of the plan's records.
  std::set<Uuid> made_;
};

}  // namespace

void Problems::add(std::string problem) {
  if (count_++ < kProblemsNamed) text_ += (text_.empty() ? "" : "; ") + std::move(problem);
}

Status Problems::status(std::string_view what, const Uuid& plan) const {
  if (count_ == 0) return {};
  TULVING_DCHECK(!text_.empty());  // The first is always named.
  std::string message = fmt::format("plan {} cannot be {}: {}", plan.to_string(), what, text_);
  if (count_ > kProblemsNamed) message += fmt::format("; and {} more", count_ - kProblemsNamed);
  return Error{ErrorCode::kConflict, std::move(message)};
}

std::set<Uuid> made_by(const Plan& plan) {
  std::set<Uuid> made;
  for (const PlanChange& change : plan.changes) {
    const auto* memory = change.after ? std::get_if<Memory>(&*change.after) : nullptr;
    if (memory != nullptr && !change.before) made.insert(memory->id);
  }
  return made;
}

bool is_merging(const PlanChange& change, const std::set<Uuid>& made) {
  if (!change.before || !change.after) return false;
  const auto* before = std::get_if<Memory>(&*change.before);
  const auto* after = std::get_if<Memory>(&*change.after);
  if (before == nullptr || after == nullptr || !made.contains(after->consolidated_into_id)) {
    return false;
  }
  Memory archived = *before;
  archived.status = MemoryStatus::kArchived;
  archived.archived_at = after->archived_at;
  archived.updated_at = after->updated_at;
  archived.consolidated_into_id = after->consolidated_into_id;
  return comparable(PlannedRecord(std::move(archived))) == comparable(*change.after);
}

std::optional<ConsolidationTask> rewriting_of(const Transaction& transaction, const Uuid& made) {
  return transaction.get<ConsolidationTask>(
      model::task_id(transaction.tenant_id(), UpkeepAgent::kMerge, "rewrite", std::span(&made, 1)));
}

void compare_before(const Transaction& transaction, const Plan& plan, Problems& problems) {
  TULVING_DCHECK(transaction.memory_changes().empty());  // Compared first, or with itself.
  for (const Uuid& id : plan.erased) {
    problems.add(fmt::format("memory {} was erased since it was proposed", id.to_string()));
  }
  compare_inputs(transaction, plan, problems);
  for (const PlanChange& change : plan.changes) {
    if (change.before) {
      compare_changed(transaction, *change.before, problems);
    } else if (change.after) {
      compare_made(transaction, *change.after, problems);
    }
  }
}

void compare_after(const Transaction& transaction, const Plan& plan, Problems& problems) {
  TULVING_DCHECK(transaction.memory_changes().empty());
  for (const Uuid& id : plan.erased) {
    problems.add(fmt::format("memory {} was erased since", id.to_string()));
  }
  const std::set<Uuid> made = made_by(plan);
  for (const PlanChange& change : plan.changes) {
    if (!change.before && !change.after) continue;
    const PlannedRecord& like = change.after ? *change.after : *change.before;
    const auto present = current(transaction, like);
    if (!change.after) {
      if (present) problems.add(name_of(like) + " was made anew since");
    } else if (!present) {
      if (!has_gone_back(transaction, like, made))
        problems.add(name_of(like) + " was erased since");
    } else if (!is_merging(change, made) && comparable(*present) != comparable(*change.after) &&
               !has_followed(transaction, *present, change)) {
      problems.add(name_of(like) + " was changed since");
    }
  }
  Hangers(transaction, plan).find(problems);
}

}  // namespace tulving::engine
