#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/filter.h"
#include "tulving/records.h"

namespace tulving {

namespace storage {
class MemoryRecord;
}

/// A memory as it was when a call read it. Cheap to copy (one reference count); what it shows never
/// changes, and string views stay valid while any copy of the view lives. Thread-safe.
class MemoryView {
 public:
  explicit MemoryView(std::shared_ptr<const storage::MemoryRecord> record);

  [[nodiscard]] Uuid id() const;
  [[nodiscard]] std::uint64_t revision() const;
  [[nodiscard]] std::string_view external_id() const;  ///< Empty: none; likewise below.
  [[nodiscard]] std::string_view user_id() const;
  [[nodiscard]] std::string_view agent_id() const;
  [[nodiscard]] std::string_view project_id() const;
  [[nodiscard]] std::string_view session_id() const;
  [[nodiscard]] std::string_view task_id() const;
  [[nodiscard]] std::string_view stage_id() const;
  [[nodiscard]] std::string_view memory_type() const;
  [[nodiscard]] Layer layer() const;
  [[nodiscard]] SourceType source_type() const;
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::string_view summary() const;
  [[nodiscard]] std::vector<std::string_view> tags() const;
  [[nodiscard]] std::vector<std::string_view> entities() const;
  [[nodiscard]] std::string_view metadata() const;  ///< A JSON object. Empty: none.
  [[nodiscard]] MemoryStatus status() const;
  [[nodiscard]] std::int32_t priority() const;
  [[nodiscard]] bool is_critical() const;
  [[nodiscard]] Timestamp created_at() const;
  [[nodiscard]] Timestamp updated_at() const;
  [[nodiscard]] Timestamp last_used() const;
  [[nodiscard]] std::optional<Timestamp> expires_at() const;
  /// Every field, without embeddings.
  [[nodiscard]] Memory to_memory() const;

 private:
  std::shared_ptr<const storage::MemoryRecord> record_;
};

/// How relevance is found. kAuto takes kHybrid with a text and a vector (or an embedder that makes
/// one of the text), kText or kVector with one of them, kRecent with neither.
enum class SearchMode : std::uint8_t { kAuto, kHybrid, kVector, kText, kRecent };

/// How kHybrid joins its two arms.
enum class Fusion : std::uint8_t {
  kMinMax,  ///< Each arm's scores scaled to 0..1 per query, then weighted and added.
  kRrf,     ///< Reciprocal rank fusion: sum of weight / (60 + rank).
};

/// Bounded multipliers on relevance: score = relevance * product of (1 + weight * (x - 0.5)), each
/// x in 0..1. A weight is 0 (off) to 1; at w the factor stays within 1 - w/2 .. 1 + w/2. For
/// kRecent, whose order is that of the times alone, there is nothing to multiply: refused there.
struct RankingBlend {
  float decay = 0.0F;     ///< x: the decay score now, clamped.
  float priority = 0.0F;  ///< x: (priority - 1) / 9.
  float recency = 0.0F;   ///< x: 0.5 ^ (age / recency_half_life), age from created_at.
  std::chrono::seconds recency_half_life = std::chrono::hours(24 * 30);
};

/// What to look for. Arguments that do not apply to the mode are refused, never ignored.
struct SearchRequest {
  std::optional<std::string> text;  ///< Query words, for kText and kHybrid.
  /// Query embedding, for kVector and kHybrid. Without it one of StoreOptions::embedders makes it
  /// of `text`, which kVector may then be given, too: the one of `model`, else the tenant's. Should
  /// it fail, kHybrid and kVector fail, and kAuto looks for the words alone
  /// (SearchResponse::embedding_error).
  std::optional<std::vector<float>> vector;
  /// Embedding model of `vector`, one that the store knows. Empty: the store's default model where
  /// the tenant has vectors of it, else the only model that the tenant has; of several, name one.
  std::string model;
  SearchMode mode = SearchMode::kAuto;
  std::uint32_t k = 10;  ///< 1..10,000 results at most.
  /// The best so many are left out: the next page of what was asked for with the same request. 0 to
  /// 10,000 less k. Costs what the results before it do; a write between two pages may move some.
  std::uint32_t offset = 0;
  /// Results of a lower score are left out. Scores are those of the mode; not for kRecent.
  std::optional<float> least_score;
  Filter filter;

  Fusion fusion = Fusion::kMinMax;
  /// Weights of the arms in kHybrid, 0..1,000,000, not both 0; what counts is their ratio. Both
  /// empty: by min-max, decided for each query by how much its arms tell apart (SearchPlan shows
  /// it); by RRF, equal. One empty: that one is 0.5.
  std::optional<float> vector_weight;
  std::optional<float> text_weight;
  /// Of a conversation turn's score, for kHybrid by min-max: this much of the relevance of the turn
  /// before it in its session, and half of that of the turn after, is added. 0 (off) to 1. Applies
  /// to memory types conversation and interaction that have a session.
  float context_weight = 0.4F;
  RankingBlend blend;
  std::optional<float>
      mmr_lambda;  ///< Maximal marginal relevance, 0 (diverse) .. 1 (relevant). Needs vectors.

  bool exact = false;  ///< Scan every vector instead of walking the graph.
  std::uint32_t ef_search =
      0;  ///< Width of the graph walk ("ef" in hnswlib); 0: the store's option.
  bool include_archived = false;  ///< Show archived memories too; likewise the next two.
  bool include_deleted = false;
  bool include_expired = false;
  bool explain = false;          ///< Fill SearchHit::parts and SearchResponse::plan.
  std::optional<Timestamp> now;  ///< The clock for decay, recency and expiry; empty: the store's.
  std::optional<std::chrono::microseconds>
      deadline;  ///< Time allowed; what is found by then, flagged partial.
};

/// The parts of one hit's score, for `explain`. An arm that did not see the hit is empty.
struct ScoreParts {
  std::optional<float> cosine;  ///< Cosine of query and memory, -1..1.
  std::optional<float> bm25;    ///< BM25 score of the memory's best passage, >= 0.
  float vector_part = 0.0F;     ///< What the vector arm added after scaling and weighting.
  float text_part = 0.0F;
  float context_part = 0.0F;  ///< What neighbouring turns added.
  float relevance = 0.0F;     ///< Sum of the three, before the blend.
  float decay_factor = 1.0F;  ///< The blend's multipliers.
  float priority_factor = 1.0F;
  float recency_factor = 1.0F;
};

/// One result. Greater score is better: cosine for kVector, BM25 for kText, 0..1 for kHybrid by
/// min-max (up to 1 + 1.5 context_weight for a turn); each times the blend. kRecent orders by
/// `time`, to the microsecond, and leaves the score 0.
struct SearchHit {
  MemoryView memory;
  float score = 0.0F;
  std::optional<ScoreParts> parts;  ///< With `explain`.
  std::optional<Timestamp> time;    ///< For kRecent: created_at, which stands for the score.
};

/// How a search was carried out, for `explain`.
struct SearchPlan {
  /// "scan", "filtered scan", "graph", "filtered graph", "filtered sketches" or "none".
  std::string vector_plan;
  std::string text_plan;       ///< "postings", "nothing to look for" or "none".
  float vector_weight = 0.0F;  ///< Of the arms in kHybrid, as used: their sum is 1.
  float text_weight = 0.0F;
  std::uint64_t matching = 0;  ///< Memories the filter lets through, exact.
  std::uint64_t vectors_scored = 0;
  std::uint64_t postings_read = 0;
  /// Model of the embedder that made the query's vector. Empty: none did.
  std::string embedded_by = {};
  Timestamp now;               ///< The clock used.
  std::uint64_t revision = 0;  ///< The store's revision seen.
};

struct SearchResponse {
  std::vector<SearchHit> hits;  ///< Best first; equal scores by id.
  bool approximate = false;     ///< The graph was walked: a nearer memory may have been missed.
  bool partial = false;         ///< The deadline struck first.
  /// The request's text has no word that can be looked for: it is empty, all stop words, or signs
  /// and emoji alone. Nothing was found by text; kHybrid answered by the vector alone.
  bool text_unsearchable = false;
  bool vector_unsearchable = false;  ///< The tenant has no vector of the query's model.
  /// Why kAuto has no vector of the text. Empty: it has, or none is made.
  std::string embedding_error = {};
  std::optional<SearchPlan> plan;
};

}  // namespace tulving
