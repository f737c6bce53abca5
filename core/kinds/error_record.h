#pragma once

#include "core/kinds/kind.h"
#include "tulving/tasks.h"

namespace tulving::kinds {

template <>
struct Kind<ErrorRecord> {
  static constexpr std::string_view name = "error_record", noun = "error record",
                                    plural = "error_records";
  static constexpr RecordKind number = RecordKind::kErrorRecord;
  static constexpr ByCallersId<&ErrorRecord::error_id> key{};
  static constexpr std::tuple fields{
      field<1, &ErrorRecord::error_id>("error_id", "Its id: your own, or a UUID", text(64)),
      field<2, &ErrorRecord::task_id>("task_id", "The task", kinds::name(64)),
      field<3, &ErrorRecord::stage_id>("stage_id", "The stage", text(64)),
      field<4, &ErrorRecord::agent_id>("agent_id", "Whose error it is", text(255)),
      field<5, &ErrorRecord::error_type>("error_type", "What kind of error it is"),
      field<6, &ErrorRecord::description>("description", "What went wrong", text()),
      field<7, &ErrorRecord::context>("context", "What was going on", text()),
      field<8, &ErrorRecord::recovery_action>("recovery_action", "What was done about it", text()),
      field<9, &ErrorRecord::severity>("severity", "How bad it is", between(0, 1)),
      field<10, &ErrorRecord::recorded_at>("recorded_at", "When it was recorded")
          .used(Use::kCreated),
      stored<0, &ErrorRecord::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&ErrorRecord::task_id, Task>(MustExist::kYes, WhenGone::kErase),
      reference<&ErrorRecord::stage_id, Stage>(MustExist::kYes, WhenGone::kClear),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
