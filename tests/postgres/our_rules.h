#pragma once

#include <string_view>
#include <vector>

#include "tests/postgres/rule_steps.h"

namespace tulving::testing {

/// Rules of the engine that no database has. No kind, or no fields: any.
struct OurRule {
  std::string_view kind, fields;
  std::vector<Break> what;
  std::string_view why;
};

// The column is the UUID that stands for the name; it is one word in records and in the ledger.
inline const std::vector<Break> kOfNames = {Break::kTooLong, Break::kUtf8, Break::kNul};
inline constexpr std::string_view kStandsFor = "the column is the UUID that stands for the name";
inline constexpr std::string_view kInJson = "it is a part of a JSONB or TEXT[], which takes any";
inline constexpr std::string_view kNoColumn = "no schema has a column for it";
inline constexpr std::string_view kNoCheck = "the column has no CHECK";
inline constexpr std::string_view kFinite = "the column takes NaN, and mostly infinities";

inline const OurRule kOursAlone[] = {
    {"", "", {Break::kUuidVersion}, "columns take UUIDs of any version"},
    {"", "", {Break::kYear}, "timestamps go from 4713 BC to 294276"},
    {"", "", {Break::kBytes}, "a TEXT takes a gigabyte"},
    {"", "", {Break::kNotObject}, "JSONB takes any JSON"},
    {"", "", {Break::kNullJson}, "JSONB takes any JSON"},
    {"memory", "content", {Break::kMember}, "its text would be there twice"},

    {"project", "project_id", kOfNames, kStandsFor},
    {"task", "task_id, project_id, agent_id, current_stage_id", kOfNames, kStandsFor},
    {"stage", "stage_id, task_id, agent_id", kOfNames, kStandsFor},
    {"error_record", "error_id, task_id, stage_id, agent_id", kOfNames, kStandsFor},
    {"compression_metric", "metric_id, task_id, stage_id", kOfNames, kStandsFor},
    {"data_source", "source_id", kOfNames, kStandsFor},
    {"access_policy", "policy_id", kOfNames, kStandsFor},
    {"agent_result", "result_id", kOfNames, kStandsFor},
    {"consolidation_job", "project_id", kOfNames, kStandsFor},
    {"memory", "user_id, project_id, task_id, stage_id", kOfNames, kStandsFor},
    {"agent_state", "state_id", kOfNames, kNoColumn},
    {"access_log_entry", "log_id", kOfNames, kNoColumn},

    {"stage", "task_id", {Break::kUnknown}, "compass has no foreign key to its tasks"},
    {"error_record", "task_id", {Break::kUnknown}, "compass has no foreign key to its tasks"},
    {"compression_metric", "task_id", {Break::kUnknown}, "compass has no foreign key to its tasks"},
    {"agent_result", "memory_ids", {Break::kCount, Break::kOrder, Break::kUnknown}, kNoColumn},
    {"consolidation_task", "memory_ids", {Break::kCount, Break::kOrder, Break::kUnknown}, kInJson},

    {"stage", "relevance_score, compression_ratio", {Break::kNumber}, kFinite},
    {"memory", "relevance_score", {Break::kNumber}, kFinite},
    {"compression_metric",
     "compression_ratio, critical_fact_retention_rate, coherence_score, cost_usd",
     {Break::kNumber},
     kFinite},
    {"compression_metric", "input_tokens, output_tokens", {Break::kRange}, kNoCheck},
    {"compression_metric", "cost_usd", {Break::kRange}, "NUMERIC takes what is negative"},
    {"memory", "use_count, review_count, reuse_count", {Break::kRange}, kNoCheck},
    {"memory", "cross_domain_count", {Break::kRange}, kNoColumn},
    {"memory", "source_id", kOfNames, kNoColumn},
    {"memory", "external_id", {Break::kTogether}, "a UUID is an id, and no name"},
    {"memory",
     "embeddings",
     {Break::kRange},
     "a vector of zeros has no direction; pgvector has it"},

    {"consolidation_job", "retry_count, retries_max", {Break::kRange}, kNoCheck},
    {"consolidation_job", "retry_count, scope.created_until", {Break::kTogether}, kNoCheck},
    {"consolidation_job", "progress", {Break::kRange}, kInJson},
    {"consolidation_job", "phases_completed", {Break::kEnum}, kInJson},
    {"consolidation_job",
     "scope.memory_types",
     {Break::kTooLong, Break::kMissing, Break::kOrder},
     kInJson},
    {"consolidation_task", "task_id, title", {Break::kTooLong}, "the column is TEXT"},
    {"consolidation_task", "action, claimed_by", {Break::kTooLong}, kInJson},
    {"consolidation_task", "labels", {Break::kTooLong, Break::kOrder}, kInJson},
    {"consolidation_task", "agent, urgency, approval", {Break::kEnum}, kInJson},
    {"consolidation_task", "score, cohesion, confidence", {Break::kRange}, kInJson},
    {"consolidation_task", "retry_count", {Break::kRange}, "the CHECK has no lower bound"},
    {"consolidation_task", "error, closed_at, claimed_by", {Break::kTogether}, kNoCheck},
    {"consolidation_task", "tracker_fields", {Break::kJson, Break::kUtf8, Break::kNul}, kNoColumn},
};

}  // namespace tulving::testing
