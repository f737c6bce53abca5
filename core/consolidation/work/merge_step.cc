#include "core/consolidation/work/merge_step.h"

#include <algorithm>

#include "core/consolidation/work/text_writer_call.h"
#include "core/merging/merge_memory.h"
#include "core/merging/origins.h"
#include "core/merging/text/merge_text.h"
#include "core/model/borders.h"
#include "core/model/rounded.h"

namespace tulving::consolidation {
namespace {

double size_factor(std::size_t size) {
  if (size <= 2) return 0.8;
  if (size <= 5) return 1.0;
  return size <= 8 ? 0.9 : 0.7;
}

Result<StagedMerge> write_merge(const std::vector<Memory>& sources, const Workspace& workspace,
                                const MergeStep& step) {
  const std::vector<Memory> origins = origins_of(sources, workspace);
  StagedMerge staged;
  merging::MergeOptions options;
  options.origins = origins;
  options.tenant_id = workspace.tenant().id();
  options.now = workspace.now();
  options.cohesion = std::clamp(step.cohesion, -1.0, 1.0);
  options.confidence = step.confidence;
  options.text_bytes_max = step.text_bytes_max;
  // Before anyone is asked to write what may not be.
  if (step.writer.writer && model::border_within(sources).empty()) {
    const std::string draft = merging::merge_texts(sources, origins).text;
    const TextRequest request{TextKind::kMerge, options.tenant_id, sources, draft, options.now};
    auto written = write_text(step.writer, request, step.text_bytes_max);
    if (!written) return written.error();
    options.text = std::move(written->text);
    options.method = written->method;
    staged.refusal = std::move(written->refusal);
  }
  auto merged = merging::merge_memories(sources, options);
  if (!merged) return merged.error();
  staged.memory = *std::move(merged);
  return staged;
}

}  // namespace

std::vector<Memory> origins_of(const std::vector<Memory>& sources, const Workspace& workspace) {
  return merging::origins_behind(sources, [&](const Uuid& id) -> std::optional<Memory> {
    auto memory = workspace.memory(id);
    if (!memory) return std::nullopt;
    return *std::move(memory);
  });
}

double cluster_confidence(double cohesion, std::size_t size) {
  return std::clamp(cohesion * size_factor(size), 0.0, 1.0);
}

bool is_mergeable(const Memory& memory, Timestamp now) {
  return memory.status == MemoryStatus::kActive &&
         !(memory.expires_at && *memory.expires_at <= now);
}

Relation consolidated_from(const Memory& made, const Memory& source, double cohesion,
                           Timestamp now) {
  Relation relation;
  relation.source_id = made.id;
  relation.target_id = source.id;
  relation.relation_type = "consolidated_from";
  relation.strength = model::rounded(std::clamp(cohesion, 0.0, 1.0));
  relation.confidence = made.confidence_score;
  relation.created_at = now;
  return relation;
}

Result<StagedMerge> stage_merge(Edit& edit, std::vector<Memory> sources, const Workspace& workspace,
                                const MergeStep& step) {
  merging::sort_by_age(sources);
  auto staged = write_merge(sources, workspace, step);
  if (!staged) return staged;
  const Memory& merged = staged->memory;
  for (Memory& source : sources) {
    source.embeddings.clear();
    Memory archived = source;
    archived.status = MemoryStatus::kArchived;
    archived.archived_at = workspace.now();
    archived.updated_at = workspace.now();
    archived.consolidated_into_id = merged.id;
    edit.put(source, std::move(archived));
    edit.put(std::nullopt, consolidated_from(merged, source, step.cohesion, workspace.now()));
  }
  edit.put(std::nullopt, merged);
  return staged;
}

}  // namespace tulving::consolidation
