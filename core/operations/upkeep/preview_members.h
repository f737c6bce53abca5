#pragma once

#include <array>

#include "core/operations/table/words.h"
#include "tulving/params.h"

namespace tulving::operations {

// What to_json(FindingPreview) writes.

inline constexpr std::array kPreviewedMemory = {
    params::uuid("id", "Missing: it has none yet"),
    params::text("external_id", "Its own name"),
    params::time("created_at", "When it was made"),
    params::text("text", "What it says"),
    params::boolean("is_missing", "It is not here any more"),
};
inline constexpr std::array kPreviewedRelation = {
    params::uuid("source_id", "Where it starts").required(),
    params::uuid("target_id", "Where it ends").required(),
    params::text("relation_type", "Its type").required(),
    params::number("strength", "0..1").required(),
    params::number("confidence", "0..1").required().or_null(),
};
inline constexpr std::array kPreviewMembers = {
    params::word("agent", kAgents, "Whose finding").required(),
    params::text("action", "What is to be done").required(),
    params::word("outcome", kOutcomes, "What becomes of it").required(),
    params::number("confidence", "0..1"),
    params::text("task_id", "The task it opens or does"),
    params::text("reason", "Which figure met which threshold"),
    params::text("error", "Why it failed"),
    params::object("inputs", kPreviewedMemory, "The memories, oldest first").list().required(),
    params::object("merged", kPreviewedMemory, "What they become"),
    params::text("conflicts", "Sentences that stand side by side with their dates").list(),
    params::object("relations", kPreviewedRelation, "That it makes between them").list(),
    params::text("note_path", "Of a promotion's note, in the vault"),
};

}  // namespace tulving::operations
