// Which way a search takes: every posting of every term; those of a large index that may bring a
// row into the answer (window_search.h); or the few rows that a filter allows, each looked up.

#include "index/text/text_arm.h"

#include <algorithm>
#include <cstddef>

#include "core/base/check.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/score_table.h"
#include "index/text/query_terms.h"
#include "index/text/window_search.h"
#include "index/top_rows.h"

namespace tulving::index {
namespace {

/// In an index of up to so many places all postings are read, which leaves every row's score. Its
/// table stays in a core's own cache.
constexpr std::uint32_t kPlacesReadWhole = 32'768;

bool is_past(const std::optional<std::chrono::steady_clock::time_point>& deadline) {
  return deadline && std::chrono::steady_clock::now() >= *deadline;
}

std::vector<std::uint32_t> rows_in(const Roaring& bitmap) {
  std::vector<std::uint32_t> rows(bitmap.cardinality());
  bitmap.toUint32Array(rows.data());
  return rows;
}

/// Whoever asks for fewer rows is offered places, most of which fall short at once. For more, or
/// for score() afterwards, each row's score is worked out first.
constexpr std::uint32_t kManyRows = 100;

/// The rows that have a score; `allowed` is asked only about those that may enter. A long row is
/// looked at as a whole at the first of its places that may enter.
void offer_touched(const InvertedIndex& index, const Roaring* allowed, ScoreTable& table,
                   TopRows& best) {
  const PlaceTable& places = index.places();
  const std::span<float> scores = table.scores();
  float bar = 0.0F;
  for (const std::uint32_t place : table.touched()) {
    // Whether a row is long is a coin toss, so it is not asked before it has to be.
    const auto [row, beside] = places.owner(place);
    ScoredRow candidate{row, scores[place] + scores[beside]};
    if (!(candidate.score > 0.0F) || candidate.score < bar) continue;
    const PlaceRange range = index.places_of(row);
    if (range.count > 1) candidate.score = take_row_score(scores.subspan(range.first, range.count));
    if (!best.may_enter(candidate)) continue;
    if (allowed == nullptr || allowed->contains(row)) best.add(candidate);
    bar = best.threshold();
  }
}

/// The rows of a table that has their scores. Of two lists the shorter is walked: asking a bitmap
/// about one row takes longer than the row.
void offer_scored(const Roaring* allowed, const ScoreTable& table, TopRows& best) {
  if (allowed != nullptr && allowed->cardinality() < table.rows().size()) {
    for (const std::uint32_t row : rows_in(*allowed)) {
      const ScoredRow candidate{row, table.of_row(row)};
      if (candidate.score > 0.0F) best.offer(candidate);
    }
    return;
  }
  for (const std::uint32_t row : table.rows()) {
    const ScoredRow candidate{row, table.of_row(row)};
    if (!best.may_enter(candidate)) continue;
    if (allowed == nullptr || allowed->contains(row)) best.add(candidate);
  }
}

/// The same, for far fewer allowed rows than places have a score.
void offer_allowed(const InvertedIndex& index, const Roaring& allowed, const ScoreTable& table,
                   TopRows& best) {
  for (const std::uint32_t row : rows_in(allowed)) {
    if (row >= index.row_limit()) break;  // ascending
    if (index.length(row) == InvertedIndex::kAbsent) continue;
    const auto [first, count] = index.places_of(row);
    const ScoredRow candidate{row, row_score(table.scores().subspan(first, count))};
    if (candidate.score > 0.0F) best.offer(candidate);
  }
}

}  // namespace

TextArm::TextArm(const TextIndex& index, const TextQuery& query)
    : index_(index.postings()),
      allowed_(query.allowed),
      ties_(query.ties),
      deadline_(query.deadline) {
  const QueryTerms terms = query_terms(index.vocabulary(), index_, query.text);
  words_ = terms.distinct;
  terms_ = weigh(index_, terms.known, query.bm25);
}

TextMatches TextArm::best(std::uint32_t k, RowOrder order) {
  scored_use_ = 0;
  if (k == 0) return {};
  std::uint64_t postings = 0;
  for (const WeighedTerm& term : terms_) postings += index_.postings(term.term).size();
  if (few_are_allowed(postings)) return best_of_allowed(k, order);
  const bool bounds_pay =
      index_.places().limit() > kPlacesReadWhole && terms_.size() <= WindowSearch::kTermsMax;
  return bounds_pay ? best_of_windows(k, order) : best_of_postings(k, order);
}

/// Whether looking the allowed rows up costs less than reading all postings: a lookup takes 40 to
/// 100 ns where a posting takes 1 to 2.
bool TextArm::few_are_allowed(std::uint64_t postings) const {
  if (allowed_ == nullptr) return false;
  constexpr std::uint64_t kPostingsPerLookup = 32;
  return allowed_->cardinality() * terms_.size() * kPostingsPerLookup < postings;
}

/// Every posting of every term, then the best.
TextMatches TextArm::best_of_postings(std::uint32_t k, RowOrder order) {
  TextMatches matches;
  ScoreTable& table = ScoreTable::of_this_thread(index_.places().limit());
  const auto add = [&](std::span<const Posting> postings, const TermScore& score) {
    table.add(postings, 0, index_.places(), score);
    matches.postings_read += postings.size();
  };
  constexpr std::size_t kBlocksPerClock = 32;  // some 10 us between two looks at the clock
  PostingBlock::Buffer buffer;
  for (const WeighedTerm& term : terms_) {
    const PostingList& list = index_.postings(term.term);
    matches.partial = matches.partial || is_past(deadline_);
    for (std::size_t i = 0; i < list.blocks().size() && !matches.partial; ++i) {
      add(list.blocks()[i].unpack(buffer), term.score);
      if (i % kBlocksPerClock == kBlocksPerClock - 1) matches.partial = is_past(deadline_);
    }
    if (matches.partial) break;
    add(list.tail(), term.score);
  }
  TopRows best(k, ties_);
  const bool by_row = k >= kManyRows;
  if (by_row) {
    table.add_up_rows(index_.places(), index_.row_limit());
    offer_scored(allowed_, table, best);
  } else if (allowed_ != nullptr && allowed_->cardinality() < table.touched().size() / 2) {
    offer_allowed(index_, *allowed_, table, best);
  } else {
    offer_touched(index_, allowed_, table, best);
  }
  if (!matches.partial && by_row) scored_use_ = table.use();
  matches.rows = best.take(order);
  return matches;
}

/// The same rows, found by less reading.
TextMatches TextArm::best_of_windows(std::uint32_t k, RowOrder order) const {
  TextMatches matches;
  TopRows best(k, ties_);
  WindowSearch search(index_, terms_, allowed_, deadline_);
  matches.partial = !search.run(best);
  matches.postings_read = search.postings_read();
  matches.rows = best.take(order);
  return matches;
}

/// The allowed rows one after another, each looked up in the terms' postings.
TextMatches TextArm::best_of_allowed(std::uint32_t k, RowOrder order) const {
  TextMatches matches;
  const std::vector<std::uint32_t> rows = rows_in(*allowed_);
  TopRows best(k, ties_);
  constexpr std::size_t kRowsPerClock = 256;
  std::vector<float> scores(kRowsPerClock);
  for (std::size_t i = 0; i < rows.size(); i += kRowsPerClock) {
    matches.partial = is_past(deadline_);
    if (matches.partial) break;
    const auto part = std::span(rows).subspan(i, std::min(kRowsPerClock, rows.size() - i));
    score_bm25(index_, terms_, part, std::span(scores).first(part.size()));
    matches.postings_read += part.size() * terms_.size();
    for (std::size_t j = 0; j < part.size(); ++j) {
      if (scores[j] > 0.0F) best.offer({part[j], scores[j]});
    }
  }
  matches.rows = best.take(order);
  return matches;
}

void TextArm::score(std::span<const std::uint32_t> rows, std::span<float> scores) const {
  TULVING_CHECK(rows.size() == scores.size());
  const ScoreTable* const table = ScoreTable::in_use(scored_use_);
  if (table == nullptr) return score_bm25(index_, terms_, rows, scores);
  for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = table->of_row(rows[i]);
}

}  // namespace tulving::index
