#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <roaring/roaring.hh>
#include <span>
#include <string_view>
#include <vector>

#include "index/scored_row.h"
#include "index/text/bm25.h"
#include "index/text/text_index.h"
#include "index/tie_order.h"
#include "tulving/options.h"

namespace tulving::index {

/// What is looked for among texts.
struct TextQuery {
  std::string_view text;
  const Roaring* allowed = nullptr;  ///< Rows that may be found; null: all.
  TieOrder ties = {};                ///< Which of equally good rows are found.
  Bm25Params bm25 = {};
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
};

struct TextMatches {
  /// The k best by BM25, equal scores as the query's `ties` say, of those with a score > 0.
  std::vector<ScoredRow> rows;
  bool partial = false;  ///< The deadline struck.
  std::uint64_t postings_read = 0;
};

/// One query of one TextIndex. The text is analysed and its terms are looked up and weighed once,
/// for the best rows and for the scores of given ones.
///
/// Thread safety: an arm is used by one thread at a time; arms beside each other. The index, and
///   `allowed` and `ties`, must outlive the arm and not change under it; the text is needed by the
///   constructor alone.
class TextArm {
 public:
  TextArm(const TextIndex& index, const TextQuery& query);

  /// Distinct words of the query, unknown ones too, without stop words. 0: there is nothing to look
  /// for.
  [[nodiscard]] std::uint32_t words() const { return words_; }

  /// The k best rows that are allowed.
  [[nodiscard]] TextMatches best(std::uint32_t k, RowOrder order = RowOrder::kBestFirst);
  /// BM25 of given rows, allowed or not, the same bits that best() gives a row; 0 where nothing
  /// matches. What best() of a hundred or more has scored just before is read, not computed again.
  void score(std::span<const std::uint32_t> rows, std::span<float> scores) const;

 private:
  [[nodiscard]] bool few_are_allowed(std::uint64_t postings) const;
  [[nodiscard]] TextMatches best_of_postings(std::uint32_t k, RowOrder order);
  [[nodiscard]] TextMatches best_of_windows(std::uint32_t k, RowOrder order) const;
  [[nodiscard]] TextMatches best_of_allowed(std::uint32_t k, RowOrder order) const;

  const InvertedIndex& index_;
  const Roaring* const allowed_;
  const TieOrder ties_;
  const std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::uint32_t words_ = 0;
  std::vector<WeighedTerm> terms_;
  /// The use of the thread's ScoreTable that holds every row's score; 0: none does.
  std::uint64_t scored_use_ = 0;
};

}  // namespace tulving::index
