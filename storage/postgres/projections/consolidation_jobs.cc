#include "storage/postgres/projections/consolidation_jobs.h"

#include <chrono>
#include <utility>

#include "storage/postgres/columns.h"
#include "storage/postgres/projections/job_json.h"

namespace tulving::storage::postgres {
namespace {

const ConsolidationJob& job(const Row& row) { return row.record.as<ConsolidationJob>(); }
ConsolidationJob& job_of(Reading& to) { return std::get<ConsolidationJob>(to.record); }

// The schema has no "urgent".
Field trigger_type(const Row& row) {
  const JobTrigger trigger = job(row).trigger;
  return columns::field_of(trigger == JobTrigger::kUrgent ? JobTrigger::kThreshold : trigger);
}

// For set() of a column that is JSON: "" is none.
template <class Into>
std::string set_json(Field&& value, Into& to, Status (*read)(std::string_view, Into&)) {
  std::string text;
  if (auto why = columns::put(std::move(value), text); !why.empty() || text.empty()) return why;
  auto status = read(text, to);
  return status ? std::string() : std::move(status.error().message);
}

std::string set_scope(Field&& value, Reading& to) {
  return set_json(std::move(value), job_of(to).scope, &read_scope_json);
}
std::string set_metrics(Field&& value, Reading& to) {
  return set_json(std::move(value), job_of(to), &read_metrics_json);
}

Field phases(const Row& row) {
  std::vector<std::string> names;
  for (const JobPhase phase : job(row).phases_completed) names.emplace_back(to_string(phase));
  return names;
}

std::string set_phases(Field&& value, Reading& to) {
  std::vector<std::string> names;
  if (auto why = columns::put(std::move(value), names); !why.empty()) return why;
  std::vector<JobPhase> phases(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (auto why = columns::put(Field(std::move(names[i])), phases[i]); !why.empty()) return why;
  }
  job_of(to).phases_completed = std::move(phases);
  return {};
}

// Absent also where it passes 68 years, which an integer does not hold.
Field duration_seconds(const Row& row) {
  if (!job(row).started_at || !job(row).completed_at) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*job(row).completed_at -
                                                                        *job(row).started_at)
                           .count();
  if (!std::in_range<std::int32_t>(seconds)) return {};
  return static_cast<std::int32_t>(seconds);
}

Field error_message(const Row& row) {
  std::string lines;
  for (const std::string& error : job(row).errors) {
    if (&error != job(row).errors.data()) lines += '\n';
    lines += error;
  }
  return lines;
}

std::string set_errors(Field&& value, Reading& to) {
  std::string lines;
  if (auto why = columns::put(std::move(value), lines); !why.empty()) return why;
  auto& errors = job_of(to).errors;
  errors.clear();
  if (lines.empty()) return {};
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = lines.find('\n', begin)) != lines.npos; begin = end + 1) {
    errors.push_back(lines.substr(begin, end - begin));
  }
  errors.push_back(lines.substr(begin));
  return {};
}

}  // namespace

TableSpec consolidation_jobs() {
  using Job = ConsolidationJob;
  return {
      .name = "consolidation_jobs",
      .source = RecordKind::kConsolidationJob,
      .columns = {column<&Job::id>(),
                  reference_column<&Job::project_id>("project_id", "projects", WhenMissing::kSkip),
                  column<&Job::status>(),
                  made_column("trigger_type", "trigger", &trigger_type,
                              &columns::set<&Job::trigger>,
                              "urgent is threshold, and comes back as that"),
                  made_column(
                      "scope", "scope",
                      [](const Row& row) { return Field(to_scope_json(job(row).scope)); },
                      &set_scope, "an object of date_range, memory_types, unconsolidated_only"),
                  made_column("phases_completed", "phases_completed", &phases, &set_phases),
                  made_column(
                      "metrics", "metrics, progress, plan_ids",
                      [](const Row& row) { return Field(to_metrics_json(job(row))); }, &set_metrics,
                      "one object; members of other names are not read"),
                  column<&Job::started_at>(), column<&Job::completed_at>(),
                  made_column("duration_seconds", "started_at, completed_at", &duration_seconds,
                              nullptr, "whole seconds; not read"),
                  made_column("error_message", "errors", &error_message, &set_errors,
                              "joined by line breaks, and split at them"),
                  column<&Job::retry_count>(), column<&Job::retries_max>("max_retries"),
                  column<&Job::created_at>(), column<&Job::triggered_by>()},
      .key = {"id"}};
}

}  // namespace tulving::storage::postgres
