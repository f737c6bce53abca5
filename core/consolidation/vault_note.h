#pragma once

#include <string>
#include <string_view>

#include "tulving/records.h"

namespace tulving::consolidation {

/// Why a memory was promoted.
struct PromotionNote {
  double score = 0;      ///< Its decay score then. Finite.
  std::string criteria;  ///< In words: "score 0.71 > 0.65".
};

/// A promoted memory as markdown: YAML front matter (id, tags, entities, created, score, criteria),
/// then the text as it is. Every string of the front matter is in double quotes on a line of its
/// own, with all escaped that a YAML 1.1 or 1.2 reader may take amiss, and "---" too: a reader that
/// looks for nothing but that line finds the right one.
[[nodiscard]] std::string note_text(const Memory& memory, const PromotionNote& note);

/// The note's file name: words of the summary in lower case ASCII, then the id, then ".md"; at most
/// 100 bytes of letters, digits and "-".
[[nodiscard]] std::string note_name(const Memory& memory);

/// Whether `name` is one that note_name() could have given the memory, or was renamed to from it
/// with the id kept at its end.
[[nodiscard]] bool is_note_of(std::string_view name, const Uuid& id);

}  // namespace tulving::consolidation
