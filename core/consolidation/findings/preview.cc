#include "tulving/preview.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/consolidation/work/merge_step.h"
#include "core/consolidation/work/workspace.h"
#include "core/merging/origins.h"
#include "core/merging/text/dated_statement.h"
#include "core/merging/text/merge_text.h"
#include "core/model/text/sentences.h"

namespace tulving {
namespace {

PreviewedMemory previewed(const Memory& memory) {
  return {memory.id, memory.external_id, memory.created_at, memory.text};
}

// The memories of a plan as it found them and as it leaves them, else as they are now.
class PlannedMemories {
 public:
  PlannedMemories(const Tenant& tenant, const Plan& plan) : tenant_(tenant) {
    for (const PlanChange& change : plan.changes) {
      if (const auto* before = memory_of(change.before)) before_.emplace(before->id, before);
      if (const auto* after = memory_of(change.after)) after_.emplace(after->id, after);
    }
  }

  Result<std::vector<Memory>> inputs_of(const PlanItem& item) const {
    std::vector<Memory> inputs;
    for (const PlanInput& input : item.inputs) {
      if (const auto known = before_.find(input.id); known != before_.end()) {
        inputs.push_back(*known->second);
        continue;
      }
      auto present = tenant_.get(input.id);
      if (present) {
        inputs.push_back(*std::move(present));
      } else if (present.error().code != ErrorCode::kNotFound) {
        return present.error();
      }
    }
    merging::sort_by_age(inputs);
    return inputs;
  }

  /// The memory that the plan makes of exactly these. Null: it makes none.
  [[nodiscard]] const Memory* made_of(const std::vector<PlanInput>& inputs) const {
    std::set<Uuid> wanted;
    for (const PlanInput& input : inputs) wanted.insert(input.id);
    for (const auto& [id, memory] : after_) {
      if (before_.contains(id)) continue;
      const auto& sources = memory->source_memory_ids;
      if (std::set<Uuid>(sources.begin(), sources.end()) == wanted) return memory;
    }
    return nullptr;
  }

  /// As a merge of them would read, dated by the raw memories behind those that are merges.
  [[nodiscard]] std::string merged_text(const std::vector<Memory>& sources) const {
    const consolidation::Workspace workspace(tenant_, {});
    return merging::merge_texts(sources, consolidation::origins_of(sources, workspace)).text;
  }

  [[nodiscard]] std::string note_of(const PlanItem& item) const {
    if (item.inputs.empty()) return {};
    const auto after = after_.find(item.inputs.front().id);
    return after == after_.end() ? std::string() : after->second->ltm_path;
  }

 private:
  static const Memory* memory_of(const std::optional<PlannedRecord>& record) {
    return record ? std::get_if<Memory>(&*record) : nullptr;
  }

  const Tenant& tenant_;
  std::map<Uuid, const Memory*> before_, after_;
};

// What a merge says of conflicts, it says by the dates in its sentences.
std::vector<std::string> dated_sentences(const std::string& text) {
  std::vector<std::string> dated;
  for (const std::string_view sentence : model::split_sentences(text)) {
    if (!merging::as_of_note(sentence).empty()) dated.emplace_back(sentence);
  }
  return dated;
}

bool is_merge(const PlanItem& item) {
  return item.action == "merge" &&
         (item.agent == UpkeepAgent::kMerge || item.agent == UpkeepAgent::kCluster);
}

void show_merge(FindingPreview& preview, const PlanItem& item, const std::vector<Memory>& sources,
                const PlannedMemories& memories) {
  if (const Memory* made = memories.made_of(item.inputs)) {
    preview.merged = previewed(*made);
  } else if (is_merge(item) && item.error.empty() && sources.size() == item.inputs.size() &&
             sources.size() > 1) {
    preview.merged.emplace();
    preview.merged->text = memories.merged_text(sources);
  }
  if (preview.merged) preview.conflicts = dated_sentences(preview.merged->text);
}

// A relation belongs to the finding that its ends went into.
std::vector<Relation> relations_of(const PlanItem& item, const Plan& plan) {
  std::set<Uuid> ends;
  for (const PlanInput& input : item.inputs) ends.insert(input.id);
  std::vector<Relation> relations;
  for (const PlanChange& change : plan.changes) {
    if (change.before || !change.after) continue;
    const auto* relation = std::get_if<Relation>(&*change.after);
    if (relation != nullptr && ends.contains(relation->source_id) &&
        ends.contains(relation->target_id)) {
      relations.push_back(*relation);
    }
  }
  return relations;
}

Result<FindingPreview> preview_of(const PlanItem& item, const Plan& plan,
                                  const PlannedMemories& memories) {
  FindingPreview preview;
  preview.agent = item.agent;
  preview.action = item.action;
  preview.outcome = item.outcome;
  preview.confidence = item.confidence;
  preview.task_id = item.task_id;
  preview.reason = item.reason;
  preview.error = item.error;
  auto sources = memories.inputs_of(item);
  if (!sources) return sources.error();
  std::set<Uuid> there;
  for (const Memory& source : *sources) {
    there.insert(source.id);
    preview.inputs.push_back(previewed(source));
  }
  for (const PlanInput& input : item.inputs) {
    if (there.contains(input.id)) continue;
    PreviewedMemory missing;
    missing.id = input.id;
    missing.is_missing = true;
    preview.inputs.push_back(std::move(missing));
  }
  show_merge(preview, item, *sources, memories);
  if (item.action == "link" || item.action == "relate") {
    preview.relations = relations_of(item, plan);
  }
  if (item.agent == UpkeepAgent::kPromote) preview.note_path = memories.note_of(item);
  return preview;
}

}  // namespace

Result<std::vector<FindingPreview>> preview_plan(const Tenant& tenant, const Plan& plan) {
  const PlannedMemories memories(tenant, plan);
  std::set<std::string> done;  // Tasks that are opened and done in this one plan.
  for (const PlanItem& item : plan.items) {
    if (item.agent == UpkeepAgent::kMerge && !item.task_id.empty()) done.insert(item.task_id);
  }
  std::vector<FindingPreview> previews;
  for (const PlanItem& item : plan.items) {
    if (item.agent == UpkeepAgent::kCluster && done.contains(item.task_id)) continue;
    auto preview = preview_of(item, plan, memories);
    if (!preview) return preview.error();
    previews.push_back(*std::move(preview));
  }
  return previews;
}

Result<FindingPreview> preview_task(const Tenant& tenant, const ConsolidationTask& task) {
  Plan plan;
  PlanItem item;
  item.agent = task.agent;
  item.action = task.action;
  item.outcome =
      task.approval == Approval::kWaiting ? ItemOutcome::kWaiting : ItemOutcome::kReported;
  item.confidence = task.confidence;
  item.task_id = task.task_id;
  item.error = task.error;
  for (const Uuid& id : task.memory_ids) item.inputs.push_back({id, 0});
  return preview_of(item, plan, PlannedMemories(tenant, plan));
}

}  // namespace tulving
