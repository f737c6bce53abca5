// BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
// 2009, section 3.5, without the constant factor k1 + 1, which changes no order:
//
//   score(passage) = sum over query terms of
//       weight idf tf / (tf + k1 (1 - b + b counted length / average length))
//   idf = ln(1 + (N - df + 0.5) / (df + 0.5))
//   score(row) = that of its best passage, and of what stands beside the text (passages.h)
//
// A short text is one passage of its own length: then this is plain BM25. The average is that of
// each row's longest passage; df counts rows. The idf is Lucene's (class BM25Similarity), which
// unlike the paper's stays above 0 for a term in more than half of the rows; so a row's score is 0
// exactly when it has no term of the query. Terms are added up in the order in which the query has
// them, in float: the same texts give the same bits, whatever the history of the index.

#include "index/text/bm25.h"

#include <algorithm>
#include <cmath>

#include "index/text/postings/inverted_index.h"
#include "index/text/postings/posting_cursor.h"
#include "index/text/postings/score_table.h"

namespace tulving::index {
namespace {

TermScore term_score(const InvertedIndex& index, const QueryTerm& term, const Bm25Params& params) {
  const auto rows = static_cast<double>(index.documents());
  const auto df = static_cast<double>(term.documents);
  const double idf = std::log1p((rows - df + 0.5) / (df + 0.5));
  const double k1 = params.k1, b = params.b;
  const double average = std::max(index.average_length(), 1e-9);
  return {.weight = static_cast<float>(term.weight * idf),
          .base = static_cast<float>(k1 * (1.0 - b)),
          .slope = static_cast<float>(k1 * b / average)};
}

/// A row that is scored: which of the caller's it is, its places, and where their sums are.
struct RowSums {
  std::size_t of = 0;
  PlaceRange places;
  std::size_t first_sum = 0;
};

/// Those that have a text, by place.
std::vector<RowSums> by_place(const InvertedIndex& index, std::span<const std::uint32_t> rows) {
  std::vector<RowSums> all;
  all.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= index.row_limit() || index.length(rows[i]) == InvertedIndex::kAbsent) continue;
    all.push_back({.of = i, .places = index.places_of(rows[i])});
  }
  std::ranges::sort(all, {}, [](const RowSums& row) { return row.places.first; });
  std::size_t sums = 0;
  for (RowSums& row : all) {
    row.first_sum = sums;
    sums += row.places.count;
  }
  return all;
}

}  // namespace

std::vector<WeighedTerm> weigh(const InvertedIndex& index, std::span<const QueryTerm> terms,
                               const Bm25Params& params) {
  std::vector<WeighedTerm> weighed;
  weighed.reserve(terms.size());
  for (const QueryTerm& term : terms) {
    weighed.push_back({term.term, term_score(index, term, params)});
  }
  return weighed;
}

void score_bm25(const InvertedIndex& index, std::span<const WeighedTerm> terms,
                std::span<const std::uint32_t> rows, std::span<float> scores) {
  const std::vector<RowSums> all = by_place(index, rows);
  std::vector<float> sums(all.empty() ? 0 : all.back().first_sum + all.back().places.count);
  // By term, and there by place, so that a block is unpacked once.
  for (const WeighedTerm& term : terms) {
    PostingCursor cursor(index.postings(term.term));
    for (const RowSums& row : all) {
      const float length = index.places().length(row.places.first);
      cursor.read(row.places.first, row.places.end(), [&](std::span<const Posting> postings) {
        for (const auto& [place, times] : postings) {
          sums[row.first_sum + place - row.places.first] += term.score(times, length);
        }
      });
    }
  }
  std::ranges::fill(scores, 0.0F);
  for (const RowSums& row : all) {
    scores[row.of] = row_score(std::span(sums).subspan(row.first_sum, row.places.count));
  }
}

}  // namespace tulving::index
