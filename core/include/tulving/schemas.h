#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving {

/// The Postgres schemas that records are sent to, each the tables of one memory system.
enum class PostgresSchema : std::uint8_t {
  kOrchestrator,   ///< Sessions, memories, profiles, agent states, the access log.
  kGuild,          ///< Memories by tenant and agent, data sources, access policies.
  kConsolidation,  ///< Task memories, what was made of them, and the jobs that made it.
  kCompass,        ///< Tasks, stages, their memories, errors and compression.
  kCortex,         ///< Memories as they decay, relations, the consolidation queue.
};
inline constexpr std::array kPostgresSchemas = {
    PostgresSchema::kOrchestrator, PostgresSchema::kGuild, PostgresSchema::kConsolidation,
    PostgresSchema::kCompass, PostgresSchema::kCortex};

/// "orchestrator", "guild", ...
[[nodiscard]] std::string_view to_string(PostgresSchema schema) noexcept;
/// Exact; empty: it is none of them.
[[nodiscard]] std::optional<PostgresSchema> parse_postgres_schema(std::string_view name) noexcept;

/// Whether a row of `schema` can hold the record as it is: guild wants to know a memory's agent,
/// compass one of agent, session, user and task, and so on. No write is refused for it; a sync
/// leaves such records out and lists them by this reason. kInvalidArgument: it cannot; the field is
/// what is missing or does not fit ("kind": the schema has no table for such records), the message
/// the reason, the same for all records that it holds of. O(1).
///
/// Of the record alone: that what it names can be held, too, and that no other one is in its way
/// (guild holds a text once an agent), is known only where all records are, by the sync.
[[nodiscard]] Status holdable(const Record& record, PostgresSchema schema);

}  // namespace tulving
