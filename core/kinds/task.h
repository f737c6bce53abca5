#pragma once

#include "core/kinds/kind.h"
#include "tulving/tasks.h"

namespace tulving::kinds {

template <>
struct Kind<Task> {
  static constexpr std::string_view name = "task", noun = "task", plural = "tasks";
  static constexpr RecordKind number = RecordKind::kTask;
  static constexpr ByCallersId<&Task::task_id> key{};
  static constexpr std::tuple fields{
      field<1, &Task::task_id>("task_id", "Its id: your own, or a UUID", text(64)),
      field<2, &Task::project_id>("project_id", "The project", text(64)),
      field<3, &Task::agent_id>("agent_id", "Whose task it is", text(255)),
      field<4, &Task::title>("title", "What it is called", text()),
      field<5, &Task::goal>("goal", "What is to be reached", text()),
      field<6, &Task::current_stage_id>("current_stage_id", "The stage it is at", text(64)),
      field<7, &Task::progress_summary>("progress_summary", "How far it is", text()),
      field<8, &Task::critical_constraints>("critical_constraints",
                                            "What must hold, whatever is compressed"),
      field<9, &Task::performance_metrics>("performance_metrics", "Any JSON", json()),
      field<10, &Task::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<11, &Task::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      stored<0, &Task::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&Task::project_id, Project>(MustExist::kNo, WhenGone::kErase),
      reference<&Task::current_stage_id, Stage>(MustExist::kNo, WhenGone::kClear),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
