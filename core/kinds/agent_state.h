#pragma once

#include "core/kinds/kind.h"
#include "tulving/profiles.h"
#include "tulving/records.h"

namespace tulving::kinds {

template <>
struct Kind<AgentState> {
  static constexpr std::string_view name = "agent_state", noun = "agent state",
                                    plural = "agent_states";
  static constexpr RecordKind number = RecordKind::kAgentState;
  static constexpr ByCallersId<&AgentState::state_id> key{};
  static constexpr std::tuple fields{
      field<1, &AgentState::state_id>("state_id", "Its id: your own, or a UUID", text(64)),
      field<2, &AgentState::agent_id>("agent_id", "Whose it is", kinds::name(64)),
      field<3, &AgentState::session_id>("session_id", "A session of the tenant", text(64)),
      field<4, &AgentState::state_data>("state_data", "Any JSON", json()),
      field<5, &AgentState::created_at>("created_at", "When it was made").used(Use::kCreated),
      field<6, &AgentState::updated_at>("updated_at", "When it was changed").used(Use::kChanged),
      field<7, &AgentState::expires_at>("expires_at", "When it ends"),
      stored<0, &AgentState::revision>("revision", "Of its last write; set by the store"),
  };
  static constexpr std::tuple references{
      reference<&AgentState::session_id, Session>(MustExist::kYes, WhenGone::kClear),
  };
  static constexpr std::tuple unique{Unique<&AgentState::agent_id, &AgentState::session_id>{}};
};

}  // namespace tulving::kinds
