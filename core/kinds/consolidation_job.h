#pragma once

#include "core/kinds/kind.h"
#include "tulving/consolidation_jobs.h"
#include "tulving/tasks.h"

namespace tulving::kinds {

template <>
struct Kind<ConsolidationJob> {
  using Job = ConsolidationJob;
  static constexpr std::string_view name = "consolidation_job", noun = "job",
                                    plural = "consolidation_jobs";
  static constexpr RecordKind number = RecordKind::kConsolidationJob;
  static constexpr ById<&Job::id> key{};
  static constexpr std::tuple fields{
      own_id<1, &Job::id>("id", "The job"),
      field<2, &Job::project_id>("project_id", "The project", kinds::name(64)),
      field<3, &Job::status>("status", "How it stands"),
      field<4, &Job::trigger>("trigger", "Why it was started"),
      field<5, &Job::triggered_by>("triggered_by", "Who started it", text(255)),
      field<6, &Job::scope, &JobScope::created_from>("scope.created_from",
                                                     "Memories made from then on"),
      field<7, &Job::scope, &JobScope::created_until>("scope.created_until", "And before then"),
      field<8, &Job::scope, &JobScope::memory_types>("scope.memory_types", "Empty: all", names(32)),
      field<9, &Job::scope, &JobScope::unconsolidated_only>(
          "scope.unconsolidated_only", "Without what a merge or pattern holds already"),
      field<10, &Job::phases_completed>("phases_completed", "In their order"),
      field<11, &Job::progress>("progress", "How far", between(0, 1)),
      field<12, &Job::metrics, &JobMetrics::memories_processed>("metrics.memories_processed",
                                                                "Looked at"),
      field<13, &Job::metrics, &JobMetrics::patterns_extracted>("metrics.patterns_extracted",
                                                                "Patterns made"),
      field<14, &Job::metrics, &JobMetrics::memories_merged>("metrics.memories_merged",
                                                             "Originals that went into a merge"),
      field<15, &Job::metrics, &JobMetrics::merges_made>("metrics.merges_made", "Merges made"),
      field<16, &Job::metrics, &JobMetrics::principles_created>("metrics.principles_created",
                                                                "Principles made"),
      field<17, &Job::plan_ids>("plan_ids", "What it applied; each can be undone"),
      field<18, &Job::errors>("errors", "One for each phase that failed", text()),
      field<19, &Job::retry_count>("retry_count", "Times it was resumed", between(0, 10)),
      field<20, &Job::retries_max>("retries_max", "At most", between(0, 10)),
      field<21, &Job::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<22, &Job::started_at>("started_at", "When it began"),
      field<23, &Job::completed_at>("completed_at", "When it ended"),
      stored<0, &Job::revision>("revision", "Of its last write"),
  };
  static constexpr std::tuple references{
      reference<&Job::project_id, Project>(MustExist::kNo, WhenGone::kErase),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
