#include "core/engine/search/search.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/search/search_rules.h"
#include "core/engine/select/filter_rows.h"

namespace tulving::engine {
namespace {

using index::RowOrder;
using index::ScoredRow;

// Candidates that an arm alone brings to a blend, whose bounded factors lift none from far behind.
constexpr std::uint32_t kBlendPoolMin = 200;

}  // namespace

Searcher::Searcher(const SearchContext& context, const SearchRequest& request)
    : context_(context), tenant_(context.tenant), request_(request), mode_(resolved_mode(request)) {
  now_ = request.now.value_or(context.now);
  if (request.deadline) deadline_ = context.started + *request.deadline;
}

SearchResponse Searcher::run() {
  TULVING_DCHECK(mode_ != SearchMode::kAuto && request_.k > 0);  // check_request() came before.
  select_rows();
  make_arms();
  std::vector<Candidate> candidates;
  switch (mode_) {
    case SearchMode::kVector:
      candidates = vector_candidates(pool_size());
      break;
    case SearchMode::kText:
      candidates = text_candidates(pool_size());
      break;
    case SearchMode::kRecent:
      candidates = recent_candidates();
      break;
    default:
      candidates = hybrid_candidates();
  }
  blend(candidates);
  const std::size_t k = std::min<std::size_t>(wanted(), candidates.size());
  const auto better = [this](const Candidate& a, const Candidate& b) { return ranks_before(a, b); };
  if (request_.mmr_lambda) {
    std::sort(candidates.begin(), candidates.end(), better);
    diversify(candidates);
  } else {
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(k),
                      candidates.end(), better);
  }
  candidates.resize(k);
  cut_to_page(candidates);
  TULVING_DCHECK(std::ranges::all_of(candidates, [this](const Candidate& candidate) {
    return allowed_ == nullptr || allowed_->contains(candidate.row);
  }));  // Whoever found it, the filter lets it through.
  return respond(candidates);
}

// Equal scores go by id, not by row: rows depend on the order of writes, ids do not. The arms cut
// what they find by the same order.
bool Searcher::ranks_before(const Candidate& a, const Candidate& b) const {
  if (mode_ == SearchMode::kRecent) {  // By the times themselves: a float would round them.
    const std::int64_t time_a = tenant_.memories.created_us(a.row);
    const std::int64_t time_b = tenant_.memories.created_us(b.row);
    if (time_a != time_b) return time_a > time_b;
  } else if (a.score != b.score) {
    return a.score > b.score;
  }
  return tenant_.memories.ties().before(a.row, b.row);
}

// The rows that may be returned: visible ones that pass the filter. Null when that is every row.
void Searcher::select_rows() {
  const TenantState::Visibility visibility{request_.include_archived, request_.include_deleted,
                                           request_.include_expired, now_};
  const bool is_filtered = !matches_everything(request_.filter);
  if (!is_filtered &&
      tenant_.all_active(visibility)) {  // The common case, without a bitmap's copy.
    matching_ = tenant_.memories.size();
    return;
  }
  rows_ = tenant_.visible_rows(visibility);
  if (is_filtered) {
    rows_ &= filter_rows(request_.filter, {tenant_, now_, context_.decay_model});
  }
  TULVING_DCHECK(rows_.isSubset(tenant_.memories.rows()));
  matching_ = rows_.cardinality();
  allowed_ = matching_ == tenant_.memories.size() ? nullptr : &rows_;
}

std::uint32_t Searcher::pool_size() const {
  const RankingBlend& blend = request_.blend;
  const bool reorders =
      blend.decay > 0 || blend.priority > 0 || blend.recency > 0 || request_.mmr_lambda;
  return reorders ? std::max(wanted() * kPoolPerResult, kBlendPoolMin) : wanted();
}

const index::VectorIndex* Searcher::vector_index() const {
  const auto found = tenant_.vectors.find(context_.model);
  return found == tenant_.vectors.end() ? nullptr : found->second.get();
}

void Searcher::make_arms() {
  if (const index::VectorIndex* index = vector_index(); index != nullptr && request_.vector) {
    const std::uint32_t ef = request_.ef_search != 0 ? request_.ef_search : context_.ef_search;
    vector_arm_.emplace(*index, index::VectorQuery{.vector = *request_.vector,
                                                   .ef = ef,
                                                   .allowed = allowed_,
                                                   .ties = tenant_.memories.ties(),
                                                   .exact = request_.exact,
                                                   .deadline = deadline_});
  }
  if (request_.text) {
    text_arm_.emplace(tenant_.text(), index::TextQuery{.text = *request_.text,
                                                       .allowed = allowed_,
                                                       .ties = tenant_.memories.ties(),
                                                       .bm25 = context_.bm25,
                                                       .deadline = deadline_});
    text_unsearchable_ = text_arm_->words() == 0;
  }
}

std::vector<ScoredRow> Searcher::best_by_vector(std::uint32_t count, RowOrder order,
                                                std::size_t scores) {
  if (!vector_arm_) return {};
  index::VectorMatches matches = vector_arm_->best(count, order, scores);
  TULVING_DCHECK(matches.rows.size() <= count);
  vector_plan_ = matches.plan;
  vectors_scored_ += matches.scored;
  approximate_ = approximate_ || matches.approximate;
  partial_ = partial_ || matches.partial;
  return std::move(matches.rows);
}

std::vector<ScoredRow> Searcher::best_by_text(std::uint32_t count, RowOrder order) {
  index::TextMatches matches = text_arm_->best(count, order);
  TULVING_DCHECK(matches.rows.size() <= count);
  postings_read_ += matches.postings_read;
  partial_ = partial_ || matches.partial;
  return std::move(matches.rows);
}

std::vector<Candidate> Searcher::vector_candidates(std::uint32_t count) {
  std::vector<Candidate> candidates;
  for (const ScoredRow& match : best_by_vector(count, RowOrder::kAny)) {
    Candidate candidate{.row = match.row, .score = match.score};
    candidate.parts.cosine = match.score;
    candidate.parts.vector_part = candidate.parts.relevance = match.score;
    candidates.push_back(candidate);
  }
  return candidates;
}

std::vector<Candidate> Searcher::text_candidates(std::uint32_t count) {
  std::vector<Candidate> candidates;
  for (const ScoredRow& match : best_by_text(count, RowOrder::kAny)) {
    Candidate candidate{.row = match.row, .score = match.score};
    candidate.parts.bm25 = match.score;
    candidate.parts.text_part = candidate.parts.relevance = match.score;
    candidates.push_back(candidate);
  }
  return candidates;
}

std::vector<Candidate> Searcher::recent_candidates() {
  std::vector<std::uint32_t> newest = tenant_.created.greatest(wanted(), allowed_);
  std::vector<Candidate> candidates;
  if (newest.empty()) return candidates;
  // Which of those of the last one's time belong to the first k is for their ids to say.
  const std::int64_t last = tenant_.memories.created_us(newest.back());
  while (!newest.empty() && tenant_.memories.created_us(newest.back()) == last) newest.pop_back();
  Roaring tied = tenant_.created.range(last, last);
  if (allowed_ != nullptr) tied &= *allowed_;
  for (const std::uint32_t row : newest) candidates.push_back({.row = row});
  for (const std::uint32_t row : tied) candidates.push_back({.row = row});
  return candidates;
}

void Searcher::cut_to_page(std::vector<Candidate>& candidates) const {
  const auto before = std::min<std::size_t>(request_.offset, candidates.size());
  candidates.erase(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(before));
  if (!request_.least_score) return;
  std::erase_if(candidates, [this](const Candidate& candidate) {
    return candidate.score < *request_.least_score;
  });
}

SearchResponse Searcher::respond(const std::vector<Candidate>& candidates) const {
  SearchResponse response;
  response.hits.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    SearchHit hit{MemoryView(tenant_.memories.record(candidate.row)), candidate.score, {}, {}};
    if (mode_ == SearchMode::kRecent) hit.time = hit.memory.created_at();
    if (request_.explain) hit.parts = candidate.parts;
    response.hits.push_back(std::move(hit));
  }
  response.approximate = approximate_;
  response.partial = partial_;
  response.text_unsearchable = text_unsearchable_;
  if (request_.explain) response.plan = plan();
  return response;
}

SearchPlan Searcher::plan() const {
  static constexpr const char* kNames[] = {"none",  "scan",           "filtered scan",
                                           "graph", "filtered graph", "filtered sketches"};
  SearchPlan plan;
  plan.vector_plan = kNames[static_cast<std::size_t>(vector_plan_)];
  const bool has_text = mode_ == SearchMode::kText || mode_ == SearchMode::kHybrid;
  plan.text_plan = has_text ? "postings" : "none";
  if (text_unsearchable_) plan.text_plan = "nothing to look for";
  if (mode_ == SearchMode::kHybrid) {
    plan.vector_weight = weights_.vector;
    plan.text_weight = weights_.text;
  }
  plan.matching = matching_;
  plan.vectors_scored = vectors_scored_;
  plan.postings_read = postings_read_;
  plan.now = now_;
  plan.revision = context_.revision;
  return plan;
}

}  // namespace tulving::engine
