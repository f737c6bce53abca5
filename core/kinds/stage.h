#pragma once

#include "core/kinds/kind.h"
#include "tulving/records.h"
#include "tulving/tasks.h"

namespace tulving::kinds {

template <>
struct Kind<Stage> {
  static constexpr std::string_view name = "stage", noun = "stage", plural = "stages";
  static constexpr RecordKind number = RecordKind::kStage;
  static constexpr ByCallersId<&Stage::stage_id> key{};
  static constexpr std::tuple fields{
      field<1, &Stage::stage_id>("stage_id", "Its id: your own, or a UUID", text(64)),
      field<2, &Stage::task_id>("task_id", "The task", kinds::name(64)),
      field<3, &Stage::agent_id>("agent_id", "Who works on it", text(255)),
      field<4, &Stage::stage_type>("stage_type", "What kind of work it is"),
      field<5, &Stage::summary>("summary", "What came of it", text()),
      field<6, &Stage::insights>("insights", "What was learnt"),
      field<7, &Stage::memory_refs>("memory_refs", "Its memories, when it was completed"),
      field<8, &Stage::relevance_score>("relevance_score", "As given"),
      field<9, &Stage::compression_ratio>("compression_ratio", "Of its summary"),
      field<10, &Stage::compression_model>("compression_model", "What wrote its summary",
                                           text(100)),
      field<11, &Stage::quality_metrics>("quality_metrics", "Any JSON", json()),
      field<12, &Stage::created_at>("created_at", "When it was opened").used(Use::kCreated),
      field<13, &Stage::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      field<14, &Stage::completed_at>("completed_at", "When it was completed"),
      stored<0, &Stage::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&Stage::task_id, Task>(MustExist::kYes, WhenGone::kErase),
      reference<&Stage::memory_refs, Memory>(MustExist::kNo, WhenGone::kKeep),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
