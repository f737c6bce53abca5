#pragma once

#include "core/kinds/kind.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/records.h"

namespace tulving::kinds {

template <>
struct Kind<ConsolidationTask> {
  using Task = ConsolidationTask;
  static constexpr std::string_view name = "consolidation_task", noun = "consolidation task",
                                    plural = "consolidation_tasks";
  static constexpr RecordKind number = RecordKind::kConsolidationTask;
  static constexpr ByName<&Task::task_id> key{"task"};
  static constexpr std::tuple fields{
      field<1, &Task::task_id>("task_id", "Its id",
                               text(64)),  // Empty on put: derived of what it is about.
      field<2, &Task::title>("title", "What is to be done", kinds::name(500)),
      field<3, &Task::agent>("agent", "Who does it"),
      field<4, &Task::urgency>("urgency", "How soon"),
      field<5, &Task::labels>("labels", "Those that follow from agent and urgency too", names(64)),
      field<6, &Task::priority>("priority", "1 is first", between(1, 3)),
      field<7, &Task::status>("status", "How it stands"),
      field<8, &Task::approval>("approval", "Whether a person has to look"),
      field<9, &Task::action>("action", "merge, link, gc, reinforce, ...", kinds::name(32)),
      field<10, &Task::memory_ids>("memory_ids", "What it is about, ascending", ascending(1, 1000)),
      field<11, &Task::score>("score", "Decay score", between(0, 1)),
      field<12, &Task::cohesion>("cohesion", "Mean pairwise cosine", between(-1, 1)),
      field<13, &Task::confidence>("confidence", "How sure", between(0, 1)),
      field<14, &Task::notes>("notes", "Other members, an object", object()),
      field<15, &Task::retry_count>("retry_count", "Tries that failed",
                                    between(0, kConsolidationTaskRetriesMax)),
      field<16, &Task::error>("error", "Why it is blocked, or was last", text()),
      field<17, &Task::retry_at>("retry_at", "Not to be claimed before"),
      field<18, &Task::claimed_by>("claimed_by", "Whose it is while it is in progress", text(255)),
      field<19, &Task::claimed_until>("claimed_until", "Another may claim it from then on"),
      field<20, &Task::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<21, &Task::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      field<22, &Task::closed_at>("closed_at", "When it was closed"),
      field<23, &Task::tracker_fields>("tracker_fields",
                                       "The issue tracker's own members, an object", object()),
      stored<0, &Task::revision>("revision", "Of its last write"),
  };
  // An erased memory's tasks are closed: Transaction::closed_tasks_of().
  static constexpr std::tuple references{
      reference<&Task::memory_ids, Memory>(MustExist::kYes, WhenGone::kKeep),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
