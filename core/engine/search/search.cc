#include "core/engine/search/search.h"

#include <algorithm>

#include "core/engine/search/fusion.h"
#include "core/engine/search/search_rules.h"
#include "core/engine/search/turn_context.h"
#include "core/engine/select/filter_rows.h"

namespace tulving::engine {
namespace {

using index::ScoredRow;

// Candidates that the arms bring to a fusion or a blend. What a pool leaves out is too far behind
// for the other arm, or a bounded factor, to lift it into the first k but for a corner: on 997
// questions about long conversations, pools of 50 and of everything differ by 0.1 points of
// recall@10. Text has the larger one, because a complete list of matches spares scoring the others.
constexpr std::uint32_t kPoolPerResult = 5;
constexpr std::uint32_t kVectorPoolMin = 100;
constexpr std::uint32_t kTextPoolMin = 400;
constexpr std::uint32_t kBlendPoolMin = 200;

}  // namespace

Searcher::Searcher(const SearchContext& context, const SearchRequest& request)
    : context_(context), tenant_(context.tenant), request_(request), mode_(resolved_mode(request)) {
  now_ = request.now.value_or(context.now);
  if (request.deadline) deadline_ = context.started + *request.deadline;
}

SearchResponse Searcher::run() {
  select_rows();
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
  const std::size_t k = std::min<std::size_t>(request_.k, candidates.size());
  const auto better = [this](const Candidate& a, const Candidate& b) { return ranks_before(a, b); };
  if (request_.mmr_lambda) {
    std::sort(candidates.begin(), candidates.end(), better);
    diversify(candidates);
  } else {
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(k),
                      candidates.end(), better);
  }
  candidates.resize(k);
  return respond(candidates);
}

// Equal scores go by id, not by row: rows depend on the order of writes, ids do not.
bool Searcher::ranks_before(const Candidate& a, const Candidate& b) const {
  if (mode_ == SearchMode::kRecent) {  // By the times themselves: a float would round them.
    const std::int64_t time_a = tenant_.memories.created_us(a.row);
    const std::int64_t time_b = tenant_.memories.created_us(b.row);
    if (time_a != time_b) return time_a > time_b;
  } else if (a.score != b.score) {
    return a.score > b.score;
  }
  return tenant_.memories.record(a.row)->id() < tenant_.memories.record(b.row)->id();
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
  matching_ = rows_.cardinality();
  allowed_ = matching_ == tenant_.memories.size() ? nullptr : &rows_;
}

std::uint32_t Searcher::pool_size() const {
  const RankingBlend& blend = request_.blend;
  const bool reorders =
      blend.decay > 0 || blend.priority > 0 || blend.recency > 0 || request_.mmr_lambda;
  return reorders ? std::max(request_.k * kPoolPerResult, kBlendPoolMin) : request_.k;
}

const index::VectorIndex* Searcher::vector_index() const {
  const auto found = tenant_.vectors.find(context_.model);
  return found == tenant_.vectors.end() ? nullptr : found->second.get();
}

std::vector<ScoredRow> Searcher::vector_arm(std::uint32_t count) {
  const index::VectorIndex* index = vector_index();
  if (index == nullptr || matching_ == 0) return {};
  index::VectorQuery query;
  query.vector = *request_.vector;
  query.k = count;
  query.ef = request_.ef_search != 0 ? request_.ef_search : context_.ef_search;
  query.allowed = allowed_;
  query.exact = request_.exact;
  query.deadline = deadline_;
  index::VectorMatches matches = index->search(query);
  vector_plan_ = matches.plan;
  vectors_scored_ += matches.scored;
  approximate_ = approximate_ || matches.approximate;
  partial_ = partial_ || matches.partial;
  return std::move(matches.rows);
}

std::vector<ScoredRow> Searcher::text_arm(std::uint32_t count) {
  index::TextQuery query;
  query.text = *request_.text;
  query.k = count;
  query.allowed = allowed_;
  query.bm25 = context_.bm25;
  query.deadline = deadline_;
  index::TextMatches matches = tenant_.text->search(query);
  postings_read_ += matches.postings_read;
  text_unsearchable_ = matches.terms == 0;
  partial_ = partial_ || matches.partial;
  return std::move(matches.rows);
}

std::vector<Candidate> Searcher::vector_candidates(std::uint32_t count) {
  std::vector<Candidate> candidates;
  for (const ScoredRow& match : vector_arm(count)) {
    Candidate candidate{.row = match.row, .score = match.score};
    candidate.parts.cosine = match.score;
    candidate.parts.vector_part = candidate.parts.relevance = match.score;
    candidates.push_back(candidate);
  }
  return candidates;
}

std::vector<Candidate> Searcher::text_candidates(std::uint32_t count) {
  std::vector<Candidate> candidates;
  for (const ScoredRow& match : text_arm(count)) {
    Candidate candidate{.row = match.row, .score = match.score};
    candidate.parts.bm25 = match.score;
    candidate.parts.text_part = candidate.parts.relevance = match.score;
    candidates.push_back(candidate);
  }
  return candidates;
}

std::vector<Candidate> Searcher::recent_candidates() {
  std::vector<std::uint32_t> newest = tenant_.created.greatest(request_.k, allowed_);
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

std::vector<Candidate> Searcher::hybrid_candidates() {
  const std::uint32_t text_pool = std::max(request_.k * kPoolPerResult, kTextPoolMin);
  FusionInput input;
  input.by_vector = vector_arm(std::max(request_.k * kPoolPerResult, kVectorPoolMin));
  input.by_text = text_arm(text_pool);
  input.text_is_complete = input.by_text.size() < text_pool && !partial_;
  input.vector_weight = request_.vector_weight;
  input.text_weight = request_.text_weight;
  input.context_weight = request_.context_weight;
  input.row_limit = tenant_.memories.row_limit();
  if (request_.fusion == Fusion::kRrf) return take(fuse_by_rank(input));
  const auto score_rows = [this](const std::vector<std::uint32_t>& rows, bool vectors) {
    std::vector<float> scores(rows.size(), vectors ? std::nanf("") : 0.0F);
    if (!vectors) {
      tenant_.text->score(*request_.text, context_.bm25, rows, scores);
    } else if (const index::VectorIndex* index = vector_index()) {
      index->score(*request_.vector, rows, scores);
    }
    return scores;
  };
  const TurnContext context(tenant_, allowed_);
  const auto neighbours = [&context](std::uint32_t row) { return context.neighbours(row); };
  return take(fuse_by_score(input, {score_rows, neighbours}));
}

std::vector<Candidate> Searcher::take(Fused fused) {
  weights_ = fused.weights;
  return std::move(fused.candidates);
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
  static constexpr const char* kNames[] = {"none", "scan", "filtered scan", "graph",
                                           "filtered graph"};
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
