#pragma once

#include <string_view>

#include "tulving/schemas.h"

namespace tulving::testing {

/// What holds though no declaration of a field says it.
struct ByConstruction {
  PostgresSchema schema;
  std::string_view rule;  ///< "TABLE KIND NAME".
  std::string_view why;
};

inline constexpr std::string_view kSetOnAdd =
    "the store sets a memory's created_at, updated_at and last_used where they are empty";
inline constexpr std::string_view kSerial = "drawn by the database";
inline constexpr std::string_view kOneAModel = "a memory has one vector of a model at most";
inline constexpr std::string_view kOfItsMemory = "it is its memory's created_at";

inline constexpr ByConstruction kByConstruction[] = {
    {PostgresSchema::kOrchestrator, "memory_entries not null created_at", kSetOnAdd},
    {PostgresSchema::kOrchestrator, "memory_entries not null updated_at", kSetOnAdd},
    {PostgresSchema::kOrchestrator, "memory_entries length source_agent",
     "an agent_id that stands in has at most 64 characters"},
    {PostgresSchema::kOrchestrator, "memory_tags not null tag_id", kSerial},
    {PostgresSchema::kOrchestrator, "memory_tags unique memory_tags_pkey", kSerial},
    {PostgresSchema::kOrchestrator, "vector_embeddings not null embedding_id", kSerial},
    {PostgresSchema::kOrchestrator, "vector_embeddings unique vector_embeddings_pkey", kSerial},
    {PostgresSchema::kOrchestrator, "vector_embeddings unique unique_memory_embedding", kOneAModel},
    {PostgresSchema::kOrchestrator, "vector_embeddings not null created_at", kOfItsMemory},

    {PostgresSchema::kGuild, "memory_records length tenant_id", "model::check_tenant_id()"},
    {PostgresSchema::kGuild, "memory_records length content_hash", "an MD5 has 32 digits"},
    {PostgresSchema::kGuild, "memory_embeddings not null embedding_id", kSerial},
    {PostgresSchema::kGuild, "memory_embeddings unique memory_embeddings_pkey", kSerial},
    {PostgresSchema::kGuild, "memory_embeddings unique unique_memory_embedding", kOneAModel},
    {PostgresSchema::kGuild,
     "memory_relationships check memory_relationships_relationship_type_check",
     "other types become `related`"},
    {PostgresSchema::kGuild, "memory_relationships check no_self_reference",
     "a relation's check_whole() in rules_kinds.cc"},

    {PostgresSchema::kConsolidation,
     "consolidated_memories check consolidated_memories_abstraction_check",
     "memories of level 0 have their own table, and none is above 3"},
    {PostgresSchema::kConsolidation, "consolidated_memories not null created_at", kSetOnAdd},
    {PostgresSchema::kConsolidation, "consolidated_memories not null updated_at", kSetOnAdd},
    {PostgresSchema::kConsolidation, "consolidated_memories not null consolidated_at",
     "created_at stands in"},
    {PostgresSchema::kConsolidation, "consolidated_memories not null source_count",
     "a list has a length"},
    {PostgresSchema::kConsolidation, "consolidation_jobs check consolidation_jobs_trigger_check",
     "`urgent` becomes `threshold`"},
    {PostgresSchema::kConsolidation, "task_memories not null learned_at", kSetOnAdd},

    {PostgresSchema::kCompass, "memories not null created_at", kSetOnAdd},
    {PostgresSchema::kCompass, "memories not null timestamp", kSetOnAdd},

    {PostgresSchema::kCortex, "memories not null created_at", kSetOnAdd},
    {PostgresSchema::kCortex, "memories not null last_used", kSetOnAdd},
};

}  // namespace tulving::testing
