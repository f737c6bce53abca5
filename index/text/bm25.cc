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
#include <cstddef>
#include <vector>

#include "index/text/postings/score_table.h"

namespace tulving::index {
namespace {

constexpr std::size_t kPostingsPerClock = 4096;  // some 10 us between two looks at the clock

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

/// The k best of the rows offered, in ranks_before order.
class BestRows {
 public:
  explicit BestRows(std::size_t k) : k_(k) {}

  [[nodiscard]] bool would_enter(const ScoredRow& row) const {
    return rows_.size() < k_ || ranks_before(row, rows_.front());
  }
  /// A row that would enter.
  void add(const ScoredRow& row) {
    if (rows_.size() == k_) {
      std::pop_heap(rows_.begin(), rows_.end(), before);
      rows_.back() = row;
    } else {
      rows_.push_back(row);
    }
    std::push_heap(rows_.begin(), rows_.end(), before);  // the worst is in front
  }
  std::vector<ScoredRow> take() {
    std::sort_heap(rows_.begin(), rows_.end(), before);
    return std::move(rows_);
  }

 private:
  // By type, not by address, so that the comparison is inlined.
  static constexpr auto before = [](const ScoredRow& a, const ScoredRow& b) {
    return ranks_before(a, b);
  };

  const std::size_t k_;
  std::vector<ScoredRow> rows_;
};

bool is_past(const std::optional<std::chrono::steady_clock::time_point>& deadline) {
  return deadline && std::chrono::steady_clock::now() >= *deadline;
}

/// The rows that have a score; `allowed` is asked only about those that would enter. A long row is
/// looked at as a whole at the first of its places that would enter.
void offer_touched(const InvertedIndex& index, const Roaring* allowed, ScoreTable& table,
                   BestRows& best) {
  const PlaceTable& places = index.places();
  const std::span<float> scores = table.scores();
  for (const std::uint32_t place : table.touched()) {
    const auto [row, beside] = places.owner(place);
    ScoredRow candidate{row, scores[place] + scores[beside]};
    if (!(candidate.score > 0.0F) || !best.would_enter(candidate)) continue;
    const PlaceRange range = index.places_of(row);
    if (range.count > 1) candidate.score = take_row_score(scores.subspan(range.first, range.count));
    if (allowed == nullptr || allowed->contains(row)) best.add(candidate);
  }
}

/// The same, for fewer allowed rows than places have a score.
void offer_allowed(const InvertedIndex& index, const Roaring& allowed, ScoreTable& table,
                   BestRows& best) {
  std::vector<std::uint32_t> rows(allowed.cardinality());
  allowed.toUint32Array(rows.data());
  for (const std::uint32_t row : rows) {
    if (row >= index.row_limit()) break;  // ascending
    if (index.length(row) == InvertedIndex::kAbsent) continue;
    const auto [first, count] = index.places_of(row);
    const ScoredRow candidate{row, row_score(table.scores().subspan(first, count))};
    if (candidate.score > 0.0F && best.would_enter(candidate)) best.add(candidate);
  }
}

/// Every posting of every term, then the best.
TextMatches search_postings(const InvertedIndex& index, std::span<const QueryTerm> terms,
                            const TextQuery& query) {
  TextMatches matches;
  ScoreTable& table = ScoreTable::of_this_thread(index.places().limit());
  for (const QueryTerm& term : terms) {
    const TermScore score = term_score(index, term, query.bm25);
    auto postings = index.postings(term.term).postings();
    while (!postings.empty() && !matches.partial) {
      matches.partial = is_past(query.deadline);
      if (matches.partial) break;
      const auto part = postings.first(std::min(postings.size(), kPostingsPerClock));
      table.add(part, index.places().lengths(), score);
      matches.postings_read += part.size();
      postings = postings.subspan(part.size());
    }
  }
  BestRows best(query.k);
  if (query.allowed != nullptr && query.allowed->cardinality() < table.touched().size()) {
    offer_allowed(index, *query.allowed, table, best);
  } else {
    offer_touched(index, query.allowed, table, best);
  }
  table.clear();
  matches.rows = best.take();
  return matches;
}

/// The allowed rows one after another, each looked up in the terms' postings.
TextMatches search_allowed(const InvertedIndex& index, std::span<const QueryTerm> terms,
                           const TextQuery& query) {
  TextMatches matches;
  std::vector<std::uint32_t> rows(query.allowed->cardinality());
  query.allowed->toUint32Array(rows.data());
  BestRows best(query.k);
  constexpr std::size_t kRowsPerClock = 64;
  std::vector<float> scores(kRowsPerClock);
  for (std::size_t i = 0; i < rows.size(); i += kRowsPerClock) {
    matches.partial = is_past(query.deadline);
    if (matches.partial) break;
    const auto part = std::span(rows).subspan(i, std::min(kRowsPerClock, rows.size() - i));
    score_bm25(index, terms, query.bm25, part, std::span(scores).first(part.size()));
    matches.postings_read += part.size() * terms.size();
    for (std::size_t j = 0; j < part.size(); ++j) {
      const ScoredRow candidate{part[j], scores[j]};
      if (candidate.score > 0.0F && best.would_enter(candidate)) best.add(candidate);
    }
  }
  matches.rows = best.take();
  return matches;
}

/// Whether looking the allowed rows up costs less than reading all postings: a lookup is a binary
/// search, 20 to 60 ns where a posting takes 1 to 2.
bool few_are_allowed(const InvertedIndex& index, std::span<const QueryTerm> terms,
                     const TextQuery& query) {
  if (query.allowed == nullptr) return false;
  constexpr std::uint64_t kPostingsPerLookup = 32;
  std::uint64_t postings = 0;
  for (const QueryTerm& term : terms) postings += index.postings(term.term).postings().size();
  return query.allowed->cardinality() * terms.size() * kPostingsPerLookup < postings;
}

}  // namespace

TextMatches search_bm25(const InvertedIndex& index, std::span<const QueryTerm> terms,
                        const TextQuery& query) {
  if (query.k == 0) return {};
  return few_are_allowed(index, terms, query) ? search_allowed(index, terms, query)
                                              : search_postings(index, terms, query);
}

void score_bm25(const InvertedIndex& index, std::span<const QueryTerm> terms,
                const Bm25Params& params, std::span<const std::uint32_t> rows,
                std::span<float> scores) {
  std::vector<TermScore> term_scores;
  term_scores.reserve(terms.size());
  for (const QueryTerm& term : terms) term_scores.push_back(term_score(index, term, params));
  std::vector<float> sums;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores[i] = 0.0F;
    if (rows[i] >= index.row_limit() || index.length(rows[i]) == InvertedIndex::kAbsent) continue;
    const PlaceRange places = index.places_of(rows[i]);
    const float length = index.places().lengths()[places.first];
    sums.assign(places.count, 0.0F);
    for (std::size_t t = 0; t < terms.size(); ++t) {
      for (const Posting& posting : index.postings(terms[t].term).of(places)) {
        if (posting.times == 0) continue;  // as ScoreTable adds them
        sums[posting.place - places.first] += term_scores[t](posting.times, length);
      }
    }
    scores[i] = row_score(sums);
  }
}

}  // namespace tulving::index
