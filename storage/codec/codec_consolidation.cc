// Tasks and jobs as rows.

#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

namespace tulving::storage {

std::string encode_task(const ConsolidationTask& task) {
  auto& builder = thread_builder();
  const auto task_id = builder.CreateString(task.task_id);
  const auto title = builder.CreateString(task.title);
  const auto labels = put_strings(builder, task.labels);
  const auto action = put_string(builder, task.action);
  const auto memory_ids = put_ids(builder, task.memory_ids);
  const auto notes = put_string(builder, task.notes);
  const auto error = put_string(builder, task.error);
  const auto claimed_by = put_string(builder, task.claimed_by);
  const auto tracker_fields = put_string(builder, task.tracker_fields);
  return take_bytes(builder, fbs::CreateConsolidationTask(
                                 builder, task.revision, task_id, title, to_byte(task.agent),
                                 to_byte(task.urgency), labels, task.priority, to_byte(task.status),
                                 to_byte(task.approval), action, memory_ids, to_fbs(task.score),
                                 to_fbs(task.cohesion), to_fbs(task.confidence), notes,
                                 task.retry_count, error, to_fbs(task.retry_at), claimed_by,
                                 to_fbs(task.claimed_until), to_fbs(task.created_at),
                                 to_fbs(task.updated_at), to_fbs(task.closed_at), tracker_fields));
}

Result<ConsolidationTask> decode_task(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::ConsolidationTask>(aligned.get());
  if (row == nullptr) return corrupt_row("task", "its bytes are not a record");
  for (const auto* text : {row->task_id(), row->title(), row->action(), row->notes(), row->error(),
                           row->claimed_by(), row->tracker_fields()}) {
    if (text != nullptr && !is_text(text)) return corrupt_row("task", "a text is not UTF-8");
  }
  if (!are_texts(row->labels())) return corrupt_row("task", "a label is not UTF-8");
  if (row->agent() >= kAgents || row->urgency() >= kUrgencies || row->status() >= kTaskStatuses ||
      row->approval() >= kApprovals) {
    return corrupt_row("task", "an enumerator is out of range");
  }
  // The engine's tables of retries are as long as the counts allow.
  if (row->priority() < 1 || row->priority() > 3 || row->retry_count() < 0 ||
      row->retry_count() > kConsolidationTaskRetriesMax) {
    return corrupt_row("task", "a number is out of range");
  }
  if (!is_share(row->confidence()) || !is_finite(row->score()) || !is_finite(row->cohesion())) {
    return corrupt_row("task", "a number is out of range");
  }
  for (const auto time : {row->retry_at(), row->claimed_until(), row->created_at(),
                          row->updated_at(), row->closed_at()}) {
    if (!is_time(time)) return corrupt_row("task", "a time is out of range");
  }
  ConsolidationTask task;
  task.task_id = view(row->task_id());
  task.title = view(row->title());
  task.agent = static_cast<UpkeepAgent>(row->agent());
  task.urgency = static_cast<Urgency>(row->urgency());
  task.labels = strings(row->labels());
  task.priority = row->priority();
  task.status = static_cast<ConsolidationTaskStatus>(row->status());
  task.approval = static_cast<Approval>(row->approval());
  task.action = view(row->action());
  task.memory_ids = uuids(row->memory_ids());
  task.score = from_fbs(row->score());
  task.cohesion = from_fbs(row->cohesion());
  task.confidence = from_fbs(row->confidence());
  task.notes = view(row->notes());
  task.retry_count = row->retry_count();
  task.error = view(row->error());
  task.retry_at = time_from_fbs(row->retry_at());
  task.claimed_by = view(row->claimed_by());
  task.claimed_until = time_from_fbs(row->claimed_until());
  task.created_at = time_from_fbs(row->created_at());
  task.updated_at = time_from_fbs(row->updated_at());
  task.closed_at = time_from_fbs(row->closed_at());
  task.tracker_fields = view(row->tracker_fields());
  task.revision = row->revision();
  if (task.task_id.empty()) return corrupt_row("task", "its task_id is empty");
  return task;
}

std::string encode_job(const ConsolidationJob& job) {
  auto& builder = thread_builder();
  const auto project_id = builder.CreateString(job.project_id);
  const auto triggered_by = put_string(builder, job.triggered_by);
  const auto memory_types = put_strings(builder, job.scope.memory_types);
  const auto phases = put_enumerators(builder, job.phases_completed);
  const auto plan_ids = put_ids(builder, job.plan_ids);
  const auto errors = put_strings(builder, job.errors);
  const fbs::Id id = to_fbs(job.id);
  return take_bytes(
      builder,
      fbs::CreateConsolidationJob(
          builder, job.revision, &id, project_id, to_byte(job.status), to_byte(job.trigger),
          triggered_by, to_fbs(job.scope.created_from), to_fbs(job.scope.created_until),
          memory_types, job.scope.unconsolidated_only, phases, job.progress,
          job.metrics.memories_processed, job.metrics.patterns_extracted,
          job.metrics.memories_merged, job.metrics.merges_made, job.metrics.principles_created,
          plan_ids, errors, job.retry_count, job.retries_max, to_fbs(job.created_at),
          to_fbs(job.started_at), to_fbs(job.completed_at)));
}

Result<ConsolidationJob> decode_job(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::ConsolidationJob>(aligned.get());
  if (row == nullptr) return corrupt_row("job", "its bytes are not a record");
  if (!is_text(row->project_id()) || !is_text(row->triggered_by()) ||
      !are_texts(row->memory_types()) || !are_texts(row->errors())) {
    return corrupt_row("job", "a text is not UTF-8");
  }
  if (row->status() >= kJobStatuses || row->trigger() >= kJobTriggers ||
      !are_enumerators(row->phases_completed(), kJobPhases)) {
    return corrupt_row("job", "an enumerator is out of range");
  }
  if (!(row->progress() >= 0 && row->progress() <= 1)) {
    return corrupt_row("job", "its progress is out of range");
  }
  for (const auto time : {row->created_from(), row->created_until(), row->created_at(),
                          row->started_at(), row->completed_at()}) {
    if (!is_time(time)) return corrupt_row("job", "a time is out of range");
  }
  ConsolidationJob job;
  job.id = from_fbs(row->id());
  job.project_id = view(row->project_id());
  job.status = static_cast<JobStatus>(row->status());
  job.trigger = static_cast<JobTrigger>(row->trigger());
  job.triggered_by = view(row->triggered_by());
  job.scope.created_from = time_from_fbs(row->created_from());
  job.scope.created_until = time_from_fbs(row->created_until());
  job.scope.memory_types = strings(row->memory_types());
  job.scope.unconsolidated_only = row->unconsolidated_only();
  job.phases_completed = enumerators<JobPhase>(row->phases_completed());
  job.progress = row->progress();
  job.metrics = {row->memories_processed(), row->patterns_extracted(), row->memories_merged(),
                 row->merges_made(), row->principles_created()};
  job.plan_ids = uuids(row->plan_ids());
  job.errors = strings(row->errors());
  job.retry_count = row->retry_count();
  job.retries_max = row->retries_max();
  job.created_at = time_from_fbs(row->created_at());
  job.started_at = time_from_fbs(row->started_at());
  job.completed_at = time_from_fbs(row->completed_at());
  job.revision = row->revision();
  return job;
}

}  // namespace tulving::storage
