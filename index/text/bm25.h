#pragma once

#include <cstdint>
#include <span>

#include "index/text/postings/inverted_index.h"
#include "index/text/text_index.h"

namespace tulving::index {

/// A term that a query looks for: a word of it as it stands, or another form that counts for less.
struct QueryTerm {
  std::uint32_t term = 0;
  float weight = 1.0F;          ///< How often the query has it, times what its form counts.
  std::uint32_t documents = 0;  ///< Rows to be counted as having it, for its idf.
};

/// The best rows for `query.k`, `allowed`, `bm25` and `deadline`; the text has become `terms`.
TextMatches search_bm25(const InvertedIndex& index, std::span<const QueryTerm> terms,
                        const TextQuery& query);

/// The same scores, to the bit, of given rows.
void score_bm25(const InvertedIndex& index, std::span<const QueryTerm> terms,
                const Bm25Params& params, std::span<const std::uint32_t> rows,
                std::span<float> scores);

}  // namespace tulving::index
