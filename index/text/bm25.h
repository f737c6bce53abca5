#pragma once

#include <cstdint>
#include <span>

#include "index/text/inverted_index.h"
#include "index/text/text_index.h"

namespace tulving::index {

/// A term of a query that some row has, and how often the query has it.
struct QueryTerm {
  std::uint32_t term = 0;
  std::uint32_t times = 0;
};

/// The best rows for `query.k`, `allowed`, `bm25` and `deadline`; the text has become `terms`.
TextMatches search_bm25(const InvertedIndex& index, std::span<const QueryTerm> terms,
                        const TextQuery& query);

/// The same scores, to the bit, of given rows.
void score_bm25(const InvertedIndex& index, std::span<const QueryTerm> terms,
                const Bm25Params& params, std::span<const std::uint32_t> rows,
                std::span<float> scores);

}  // namespace tulving::index
