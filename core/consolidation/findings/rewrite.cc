#include "core/consolidation/findings/rewrite.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/consolidation/work/merge_step.h"
#include "core/consolidation/work/text_writer_call.h"
#include "core/merging/origins.h"
#include "core/merging/pattern_memory.h"
#include "core/merging/text/merge_text.h"

namespace tulving::consolidation {
namespace {

struct Rewriting {
  Memory memory;
  std::vector<Memory> sources;  // Oldest first.
};

// A merge stands for its sources; a pattern stands beside them.
bool is_pattern(const Rewriting& work) {
  return std::ranges::none_of(work.sources, [&](const Memory& source) {
    return source.consolidated_into_id == work.memory.id;
  });
}

Result<WrittenText> write(const Rewriting& work, const Workspace& workspace,
                          const Settings& settings) {
  const bool pattern = is_pattern(work);
  const auto& embeddings = work.memory.embeddings;
  const std::string model = embeddings.empty() ? std::string() : embeddings.front().model;
  const std::string draft =
      pattern ? merging::common_text(work.sources, model)
              : merging::merge_texts(work.sources, origins_of(work.sources, workspace)).text;
  const TextWriterOptions& options = settings.options.writer;
  if (!options.writer) return WrittenText{draft, ConsolidationMethod::kHeuristic, {}};
  const TextRequest request{pattern ? TextKind::kPattern : TextKind::kMerge,
                            workspace.tenant().id(), work.sources, draft, workspace.now()};
  return write_text(options, request, settings.text_bytes_max);
}

Status rewrite(Edit& edit, MergeResult& result, const ConsolidationTask& task,
               const Rewriting& work, const Workspace& workspace, const Settings& settings) {
  close_task(edit, workspace, task);
  const bool is_there = work.memory.status != MemoryStatus::kDeleted &&
                        !workspace.is_staged(work.memory.id) && !work.sources.empty();
  if (!is_there) {
    result.reason = "the memory was deleted, or has no sources left: the task is closed";
    return {};
  }
  auto written = write(work, workspace, settings);
  if (!written) return written.error();
  Memory before = work.memory;
  before.embeddings.clear();
  Memory after = before;
  after.text = std::move(written->text);
  after.consolidation_method = written->method;
  after.consolidated_at = after.updated_at = workspace.now();
  if (after.text != before.text) after.summary.clear();
  result.method = written->method;
  if (!written->refusal.empty()) result.reason += "; " + written->refusal;
  edit.put(std::move(before), std::move(after));
  return {};
}

}  // namespace

Result<std::optional<Finding>> find_rewrite(const ConsolidationTask& task,
                                            const Workspace& workspace, const Settings& settings) {
  const bool is_approved = task.approval == Approval::kApproved;
  if (!settings.options.writer.writer && !is_approved) return std::optional<Finding>();
  Rewriting work;
  auto memory = workspace.memory(task.memory_ids.front(), true);
  if (!memory) return memory.error();
  work.memory = *std::move(memory);
  for (const Uuid& id : work.memory.source_memory_ids) {
    auto source = workspace.memory(id, true);
    if (!source) return source.error();
    work.sources.push_back(*std::move(source));
  }
  merging::sort_by_age(work.sources);
  MergeResult result;
  result.memory_id = work.memory.id;
  result.source_ids = work.memory.source_memory_ids;
  result.task_id = task.task_id;
  result.confidence = 1.0;
  result.reason = fmt::format("{} sources, of which some changed since the text was written",
                              work.sources.size());
  Finding finding;
  finding.id = task.task_id;
  finding.agent = UpkeepAgent::kMerge;
  finding.action = task.action;
  finding.inputs.push_back({work.memory.id, work.memory.revision});
  for (const Memory& source : work.sources) finding.inputs.push_back({source.id, source.revision});
  std::ranges::sort(finding.inputs, {}, &PlanInput::id);
  finding.result = std::move(result);
  finding.act = [task, work = std::move(work), &workspace, &settings](Edit& edit,
                                                                      FindingResult& done) {
    return rewrite(edit, std::get<MergeResult>(done), task, work, workspace, settings);
  };
  finding.on_failure = [task, &workspace](Edit& edit, const std::string& error) {
    block_task(edit, workspace, task, error);
  };
  return std::optional<Finding>(std::move(finding));
}

}  // namespace tulving::consolidation
