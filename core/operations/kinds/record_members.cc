#include "core/operations/kinds/record_members.h"

#include <array>

#include "core/operations/table/words.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 4> kLayers = {"working", "episodic", "semantic",
                                                     "procedural"};
constexpr std::array<std::string_view, 5> kSources = {"conversation", "tool_output", "document",
                                                      "observation", "external"};
constexpr std::array<std::string_view, 4> kStatuses = {"active", "promoted", "archived", "deleted"};
constexpr std::array<std::string_view, 5> kPatterns = {"success", "failure", "decision", "workflow",
                                                       "gotcha"};
constexpr std::array<std::string_view, 3> kMethods = {"llm", "heuristic", "hybrid"};

constexpr std::array kEmbedding = {
    text("model", "The embedding model").required(),
    vector("vector", "Its floats").required(),
};

constexpr std::array kMemory = {
    text("kind", "memory"),
    text("tenant_id", "The tenant"),
    text("text", "What is remembered"),
    any("content", "The content object"),
    uuid("id", "The memory"),
    text("external_id", "The caller's own name for it"),
    text("agent_id", "Whose memory it is"),
    text("user_id", "Whom it is about"),
    text("project_id", "The project"),
    text("session_id", "A session of the tenant"),
    text("task_id", "The task"),
    text("stage_id", "The stage of the task"),
    text("memory_type", "user_preference, decision, ... or the caller's own"),
    word("layer", kLayers, "The layer of memory"),
    text("summary", "Default: the text's first sentences"),
    text("tags", "Labels").list(),
    text("entities", "Whom and what it is about").list(),
    text("facts", "What it states").list(),
    text("keywords", "Words to find it by").list(),
    any("metadata", "A JSON object"),
    word("source_type", kSources, "What it came from"),
    text("source_agent", "The agent it came from"),
    text("source_id", "The data source it came from"),
    text("goal", "What was to be reached"),
    text("result", "What came of it"),
    text("feedback", "What was said of it"),
    any("tool_usage", "Any JSON"),
    text("actions", "What was done").list(),
    text("outcome", "How it ended"),
    boolean("success", "Whether it did well"),
    any("error_patterns", "Any JSON"),
    boolean("is_critical", "Never dropped by compression"),
    text("criticality_reason", "Why"),
    integer("priority", "How much it matters").range(1, 10),
    number("strength", "How fast it fades").range(0, 2),
    integer("use_count", "How often it was used"),
    integer("review_count", "How often it was reviewed"),
    integer("cross_domain_count", "How often it served elsewhere"),
    number("relevance_score", "As given"),
    word("status", kStatuses, "Where it stands in its life"),
    time("created_at", "When it was made"),
    time("updated_at", "When it was changed"),
    time("last_used", "When it was used"),
    time("expires_at", "When it ends"),
    time("promoted_at", "When it was promoted"),
    time("archived_at", "When it was put aside"),
    time("deleted_at", "When it was forgotten"),
    text("ltm_path", "Of its note, in a vault"),
    uuid("parent_memory_id", "The memory above it"),
    uuid("consolidated_into_id", "The merge that stands for it"),
    integer("abstraction_level", "0 raw, 1 merge, 2 pattern, 3 principle").range(0, 3),
    word("pattern_type", kPatterns, "What kind of pattern it is"),
    number("confidence_score", "How sure").range(0, 1),
    uuid("source_memory_ids", "What it was made from").list(),
    word("consolidation_method", kMethods, "Who wrote a merge"),
    time("consolidated_at", "When it was merged"),
    integer("reuse_count", "How often it was used again"),
    text("embedding_model", "Of `embedding`"),
    vector("embedding", "Its vector, where it has one"),
    object("embeddings", kEmbedding, "Its vectors, where it has several").list(),
    text("content_hash", "Of what it says; set by the store"),
    integer("revision", "Of its last write; set by the store"),
};

constexpr std::array kSession = {
    text("kind", "session"),
    text("tenant_id", "The tenant"),
    text("session_id", "Its id"),
    text("user_id", "Whom it was with"),
    text("session_type", "conversation, or the caller's own"),
    text("summary", "What it was about"),
    any("metadata", "A JSON object"),
    boolean("is_archived", "It is archived"),
    time("created_at", "When it began"),
    time("updated_at", "When it was changed"),
    time("ended_at", "When it ended"),
    integer("revision", "Of its last write; set by the store"),
};

constexpr std::array kRelation = {
    text("kind", "relation"),
    text("tenant_id", "The tenant"),
    uuid("id", "Derived from the ends and the type"),
    text("source_id", "Where it starts: a memory's id or external id"),
    text("target_id", "Where it ends"),
    text("relation_type", "Its type"),
    number("strength", "How close").range(0, 1),
    number("confidence", "How sure").range(0, 1),
    any("metadata", "A JSON object"),
    time("created_at", "When it was made"),
    integer("revision", "Of its last write; set by the store"),
};

constexpr std::array kTask = {
    text("task_id", "Its id").required(),
    text("title", "What is to be done").required(),
    word("agent", kAgents, "Who does it").required(),
    word("urgency", kUrgencies, "How soon").required(),
    text("labels", "Those that follow from agent and urgency too").list().required(),
    integer("priority", "1 is first").range(1, 3).required(),
    word("status", kTaskStatuses, "How it stands").required(),
    word("approval", kApprovals, "Whether a person has to look").required(),
    text("action", "merge, link, gc, reinforce, ...").required(),
    uuid("memory_ids", "What it is about, ascending").list().required(),
    number("score", "Decay score"),
    number("cohesion", "Mean pairwise cosine"),
    number("confidence", "How sure").range(0, 1),
    any("notes", "Other members, an object"),
    integer("retry_count", "Tries that failed").required(),
    text("error", "Why it is blocked, or was last"),
    time("retry_at", "Not to be claimed before"),
    text("claimed_by", "Whose it is while it is in progress"),
    time("claimed_until", "Another may claim it from then on"),
    time("created_at", "When it was made"),
    time("updated_at", "When it was changed"),
    time("closed_at", "When it was closed"),
    any("tracker_fields", "The issue tracker's own members, an object"),
    integer("revision", "Of its last write").required(),
};

constexpr std::array kScope = {
    time("created_from", "Memories made from then on"),
    time("created_until", "And before then"),
    text("memory_types", "Empty: all").list().required(),
    boolean("unconsolidated_only", "Without what a merge or pattern holds already").required(),
};
constexpr std::array kMetrics = {
    integer("memories_processed", "Looked at").required(),
    integer("patterns_extracted", "Patterns made").required(),
    integer("memories_merged", "Originals that went into a merge").required(),
    integer("merges_made", "Merges made").required(),
    integer("principles_created", "Principles made").required(),
};
constexpr std::array kJob = {
    uuid("id", "The job").required(),
    text("project_id", "The project").required(),
    word("status", kJobStatuses, "How it stands").required(),
    word("trigger", kTriggers, "Why it was started").required(),
    text("triggered_by", "Who started it"),
    object("scope", kScope, "Which memories it looks at").required(),
    text("phases_completed", "In their order").list().required(),
    number("progress", "How far").range(0, 1).required(),
    object("metrics", kMetrics, "What it did").required(),
    uuid("plan_ids", "What it applied; each can be undone").list().required(),
    text("errors", "One for each phase that failed").list().required(),
    integer("retry_count", "Times it was resumed").required(),
    integer("retries_max", "At most").required(),
    time("created_at", "When it was made"),
    time("started_at", "When it began"),
    time("completed_at", "When it ended"),
    integer("revision", "Of its last write").required(),
};

constexpr std::array<std::string_view, 5> kKinds = {"memory", "session", "relation",
                                                    "consolidation_task", "consolidation_job"};

}  // namespace

std::span<const std::string_view> record_kinds() { return kKinds; }

std::span<const Param> record_members(std::string_view kind) {
  if (kind == "memory") return kMemory;
  if (kind == "session") return kSession;
  if (kind == "relation") return kRelation;
  if (kind == "consolidation_task") return kTask;
  if (kind == "consolidation_job") return kJob;
  return {};
}

}  // namespace tulving::operations
