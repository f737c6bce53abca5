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
  std::vector<float> sums;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores[i] = 0.0F;
    if (rows[i] >= index.row_limit() || index.length(rows[i]) == InvertedIndex::kAbsent) continue;
    const PlaceRange places = index.places_of(rows[i]);
    const float length = index.places().lengths()[places.first];
    sums.assign(places.count, 0.0F);
    for (const WeighedTerm& term : terms) {
      for (const Posting& posting : index.postings(term.term).of(places)) {
        if (posting.times == 0) continue;  // as ScoreTable adds them
        sums[posting.place - places.first] += term.score(posting.times, length);
      }
    }
    scores[i] = row_score(sums);
  }
}

}  // namespace tulving::index
