#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tulving/records.h"

namespace tulving::merging {

/// What became of a sentence of a source.
enum class SentenceFate : std::uint8_t {
  kKept,           ///< It stands in the merge.
  kRepeated,       ///< One equal but for case, blanks and final stops stands there.
  kNearDuplicate,  ///< A fuller one stands there that has all its words, in order.
};

/// Where a sentence of a source ended in the merge. Places are bytes; the merge's include the date
/// put into the sentence, if any.
struct SentencePlace {
  std::uint32_t source = 0;  ///< Which of the sources.
  SentenceFate fate = SentenceFate::kKept;
  bool is_dated = false;  ///< It contradicts another, so both say as of when.
  std::size_t source_offset = 0;
  std::size_t source_bytes = 0;
  std::size_t merged_offset = 0;
  std::size_t merged_bytes = 0;
};

struct MergedText {
  std::string text;
  std::vector<SentencePlace> sentences;  ///< Every sentence of every source, in their order.
};

/// One text that says all that the texts of `sources` say, which are given in the order of time
/// (created_at, then id). Extractive: it holds their sentences (core/model/sentences.h) and, but
/// for dates, nothing else.
///
/// - Each unique sentence stands there once, where it was first said. Two are the same when they
///   differ in case, blanks, bullets and final stops only; the spelling with more capital letters
///   is kept.
/// - A sentence gives way to a fuller one that has all its words in the same order, at most a third
///   more of them, and among those no negation, doubt or amount ("not", "maybe", "thinks",
///   "hundred") and none outside ASCII, where we know no negations. So no number, name or negation
///   is lost. Articles do not count.
/// - Sentences of two sources that are equal but for a number, a name or a negation both stay and
///   say when: "The meeting is at 5 pm (as of 2024-05-01)." The time is that of the last source
///   that said so; to the second where the days are equal; none where the times are.
/// - When one source's text holds all that is kept, the merge is that text, byte for byte.
///
/// O(bytes), but for comparisons: at most 256 for each sentence, with those that share one of its
/// four rarest words. What is not compared stays.
[[nodiscard]] MergedText merge_texts(std::span<const Memory> sources);

}  // namespace tulving::merging
