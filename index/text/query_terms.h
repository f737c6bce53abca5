#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "index/text/bm25.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/vocabulary.h"

namespace tulving::index {

/// What a form counts, where the word itself counts 1: a text with "cafe" is a better answer to it
/// than one with "café", or with the tag "cafe".
inline constexpr float kFormWeight = 0.5F;

/// A query's terms that some row has, in the order of their first occurrence.
struct QueryTerms {
  std::vector<QueryTerm> known;
  std::uint32_t distinct = 0;  ///< Words, different ones, without stop words; unknown ones too.
};

/// Each word of a query is looked for as it stands, and, counting kFormWeight, in its folded form
/// among words and forms. Names in camel case and compounds are looked for by their parts, or
/// joined, likewise. A stop word is looked for where a capital makes it a name: within a sentence,
/// or when the query has no other word.
[[nodiscard]] QueryTerms query_terms(const Vocabulary& vocabulary, const InvertedIndex& index,
                                     std::string_view text);

}  // namespace tulving::index
