#pragma once

#include "core/kinds/kind.h"
#include "tulving/agent_results.h"
#include "tulving/records.h"

namespace tulving::kinds {

template <>
struct Kind<AgentResult> {
  static constexpr std::string_view name = "agent_result", noun = "agent result",
                                    plural = "agent_results";
  static constexpr RecordKind number = RecordKind::kAgentResult;
  static constexpr ByCallersId<&AgentResult::result_id> key{};
  static constexpr std::tuple fields{
      field<1, &AgentResult::result_id>("result_id", "Its id: your own, or a UUID", text(64)),
      field<2, &AgentResult::agent>("agent", "Whose it is"),
      field<3, &AgentResult::task_id>("task_id", "The consolidation task", text(64)),
      field<4, &AgentResult::confidence>("confidence", "How sure", between(0, 1)),
      field<5, &AgentResult::decision>("decision", "What confidence let it do"),
      field<6, &AgentResult::result>("result", "Its own record, any JSON",
                                     json("it is what there is to keep")),
      field<7, &AgentResult::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<8, &AgentResult::memory_ids>("memory_ids", "What it is about, ascending",
                                         ascending(0, 1000)),
      stored<0, &AgentResult::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&AgentResult::task_id, ConsolidationTask>(MustExist::kYes, WhenGone::kClear),
      reference<&AgentResult::memory_ids, Memory>(MustExist::kYes, WhenGone::kErase),
  };
  static constexpr std::tuple<> unique{};
};

}  // namespace tulving::kinds
