#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tulving/records.h"

namespace tulving::merging {

// A merge, pattern or principle whose sources changed is made anew from them. What was changed of
// the memory itself since it was made is somebody's, and has to stay: so there are three versions.

/// `present` brought up to date. `before` is what its sources gave before the change, `now` what
/// they give after it; a field of `present` that is not as in `before` was changed by somebody.
///
/// - text: of `now`, when the sources' part of it changed; so is the method then.
/// - lists (tags, entities, facts, keywords, actions): what the sources added and took away is
/// added
///   and taken away.
/// - other content, scope and outcome: of `now`, when the sources' value changed, else as they are.
/// - priority, relevance, strength, expiry and times: as they are, when somebody changed them, else
///   of `now`. Counts: of `now`, with what was counted on `present` itself.
/// - identity, status, places in vault and lineage: as they are. source_memory_ids, embeddings: of
///   `now`. consolidated_at and updated_at: of `now`.
///
/// `before` null: unknown. The sources' content then counts as changed, and nothing else.
[[nodiscard]] Memory rederived(const Memory& present, const Memory* before, Memory now);

/// Whether nobody changed `present` since it was derived, `derived` being what its sources give.
/// What has no part in that: identity, times of the derivation, the text that a text writer wrote.
[[nodiscard]] bool is_as_derived(const Memory& present, Memory derived);

/// `text`, of a merge that a person edited, without the sentences that `gone` alone said and none
/// of `others`. Sentences are equal when they differ in white space, or in a merge's note of their
/// time, at most.
[[nodiscard]] std::string without_sentences_of(std::string_view text, const Memory& gone,
                                               std::span<const Memory> others);

/// What was done to a merge is handed to the last source of it that is left: uses, and tags,
/// entities, facts and keywords that were added. `before` is what the sources gave; null: unknown.
void inherit_from_merge(Memory& source, const Memory& merge, const Memory* before);

}  // namespace tulving::merging
