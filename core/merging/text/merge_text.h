#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tulving/records.h"

namespace tulving::merging {

/// What became of a statement of a source.
enum class StatementFate : std::uint8_t {
  kKept,      ///< It stands in the merge.
  kRepeated,  ///< The same text stands there already.
};

/// Where a statement of a source ended in the merge. Places are bytes; the merge's include the date
/// put into the statement, if any.
struct StatementPlace {
  std::uint32_t source = 0;  ///< Which of the sources.
  StatementFate fate = StatementFate::kKept;
  bool is_dated = false;  ///< It is nearly the same as another, and says as of when it is.
  std::size_t source_offset = 0;
  std::size_t source_bytes = 0;
  std::size_t merged_offset = 0;
  std::size_t merged_bytes = 0;
};

struct MergedText {
  std::string text;
  std::vector<StatementPlace> statements;  ///< Every one of every source, in their order.
};

/// One text that says all that the texts of `sources` say, which are given in the order of time
/// (created_at, then id). It is lossless and extractive: it holds their statements
/// (statements.h) and, but for dates, nothing else.
///
/// - A statement is left out only where another is the same text but for Unicode composition (NFC)
///   and white space; a lone sentence also where it stands within another statement. Nothing else
///   makes two the same: not case, not punctuation, not one's having all words of the other.
/// - Each statement stands where it was first said, in the spelling of then. Those that are nearly
///   the same (likeness.h) stand side by side, each with the time when a source last said so, the
///   newest last: "The meeting is at 5 pm (as of 2024-05-01)." To the second where days are equal;
///   without a date where the source has no time.
/// - When one source's text holds all of it and nothing is dated, the merge is that text, byte for
///   byte.
///
/// `origins` are the raw memories behind those sources that are merges: what a merge says was said
/// when they said it, not at the merge's created_at, which is the earliest of them.
///
/// O(bytes), but for finding what is nearly the same, which is bounded: see likeness.h.
[[nodiscard]] MergedText merge_texts(std::span<const Memory> sources,
                                     std::span<const Memory> origins = {});

}  // namespace tulving::merging
