#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

// Users, what agents keep for themselves, and who looked at what. Rules as in records.h, ids as in
// tasks.h.

/// What is known of a user as a whole.
struct UserProfile {
  std::string user_id;       ///< 1..64 characters.
  std::string profile_data;  ///< JSON. Empty: none.
  std::string preferences;   ///< JSON. Empty: none.
  bool is_active = true;
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::optional<Timestamp> updated_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const UserProfile&, const UserProfile&) = default;
};

/// What an agent keeps between turns: one for each of its sessions, and any number without one.
/// Put without an id, it replaces the one of its agent and session.
struct AgentState {
  std::string state_id;
  std::string agent_id;                 ///< 1..64 characters.
  std::string session_id;               ///< Must be there. Empty: none, or it was erased.
  std::string state_data;               ///< JSON. Empty: {}.
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::optional<Timestamp> updated_at;
  std::optional<Timestamp> expires_at;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const AgentState&, const AgentState&) = default;
};

/// One access: that it was, to what, and how it went. Postgres is sent each once.
struct AccessLogEntry {
  std::string log_id;
  Uuid memory_id;                      ///< Must be there. Nil: none, or it was erased.
  std::string session_id;              ///< Likewise.
  std::string agent_id;                ///< <= 64 characters.
  std::string operation;               ///< 1..16 characters: "create", "read", "search", ...
  std::optional<Timestamp> timestamp;  ///< Empty on put(): now.
  std::string request_data;            ///< JSON. Empty: none.
  bool success = true;
  std::string error_message;
  std::string ip_address;      ///< <= 45 characters.
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const AccessLogEntry&, const AccessLogEntry&) = default;
};

}  // namespace tulving
