#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/engine/search/candidate.h"
#include "core/engine/search/fusion.h"
#include "core/engine/search/turn_context.h"
#include "core/engine/state/tenant_state.h"
#include "index/text/text_arm.h"
#include "index/vectors/vector_arm.h"
#include "tulving/search.h"

namespace tulving::engine {

inline constexpr std::uint16_t kNoModel = 0xFFFF;
/// Candidates for each result, where they are ranked anew: for a fusion, a blend, MMR.
inline constexpr std::uint32_t kPoolPerResult = 5;

struct SearchContext {
  const TenantState& tenant;
  Bm25Params bm25;
  DecayModel decay_model = DecayModel::kPowerLaw;
  std::uint32_t ef_search = 64;
  std::uint16_t model = kNoModel;  ///< Of the query vector.
  Timestamp now = {};
  std::chrono::steady_clock::time_point started = {};
  std::uint64_t revision = 0;
};

/// One search of one tenant, from filter to results. Used once, under the tenant's mutex (shared).
/// The request has passed check_request().
class Searcher {
 public:
  Searcher(const SearchContext& context, const SearchRequest& request);
  [[nodiscard]] SearchResponse run();

 private:
  void select_rows();
  /// How many of the best are to be found: the page and what comes before it.
  [[nodiscard]] std::uint32_t wanted() const { return request_.k + request_.offset; }
  [[nodiscard]] std::uint32_t pool_size() const;
  [[nodiscard]] const index::VectorIndex* vector_index() const;
  void make_arms();
  std::vector<index::ScoredRow> best_by_vector(std::uint32_t count, index::RowOrder order,
                                               std::size_t scores = 0);
  std::vector<index::ScoredRow> best_by_text(std::uint32_t count, index::RowOrder order);
  std::vector<Candidate> vector_candidates(std::uint32_t count);
  std::vector<Candidate> text_candidates(std::uint32_t count);
  std::vector<Candidate> recent_candidates();
  std::vector<Candidate> hybrid_candidates();
  [[nodiscard]] std::vector<TurnPlace> turn_places(CandidateSet& candidates,
                                                   std::size_t seeds) const;
  void blend(std::vector<Candidate>& candidates) const;
  void diversify(std::vector<Candidate>& candidates) const;
  [[nodiscard]] bool ranks_before(const Candidate& a, const Candidate& b) const;
  void cut_to_page(std::vector<Candidate>& candidates) const;
  [[nodiscard]] SearchResponse respond(const std::vector<Candidate>& candidates) const;
  [[nodiscard]] SearchPlan plan() const;

  const SearchContext& context_;
  const TenantState& tenant_;
  const SearchRequest& request_;
  SearchMode mode_;
  Timestamp now_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;

  Roaring rows_;
  const Roaring* allowed_ = nullptr;
  std::uint64_t matching_ = 0;
  std::optional<index::VectorArm>
      vector_arm_;  ///< Empty: no vectors of the query's model, or no query vector.
  std::optional<index::TextArm> text_arm_;  ///< Empty: no query text.
  index::VectorPlan vector_plan_ = index::VectorPlan::kNone;
  std::uint64_t vectors_scored_ = 0;
  std::uint64_t postings_read_ = 0;
  bool approximate_ = false;
  bool partial_ = false;
  bool text_unsearchable_ = false;
  ArmWeights weights_;
};

}  // namespace tulving::engine
