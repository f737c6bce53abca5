#include "core/engine/search/search_rules.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/base/check.h"
#include "core/base/text/utf8.h"
#include "core/model/rules/filter_rules.h"
#include "core/model/rules/rules.h"

namespace tulving::engine {
namespace {

constexpr std::uint32_t kResultsMax = 10'000;
constexpr std::uint32_t kEfMax = 10'000;
constexpr std::size_t kQueryBytesMax = 65'536;

Error broken_rule(std::string field, const std::string& rest) {
  std::string message = field + " " + rest;
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(field)};
}

Status check_weight(float value, float max, const char* field) {
  if (value >= 0 && value <= max) return {};  // False for NaN too.
  return broken_rule(field, fmt::format("is {}; must be 0..{}", value, max));
}

Status check_arms(const SearchRequest& request, SearchMode mode) {
  const bool uses_text = mode == SearchMode::kText || mode == SearchMode::kHybrid;
  const bool uses_vector = mode == SearchMode::kVector || mode == SearchMode::kHybrid;
  if (uses_text && !request.text) return broken_rule("text", "is missing; this mode needs it");
  if (uses_vector && !request.vector)
    return broken_rule("vector", "is missing; this mode needs it");
  if (!uses_text && request.text) return broken_rule("text", "does not apply to this mode");
  if (!uses_vector && request.vector) return broken_rule("vector", "does not apply to this mode");
  if (!uses_vector && (request.exact || request.ef_search != 0)) {
    return broken_rule(request.exact ? "exact" : "ef_search",
                       "applies to vector and hybrid mode only");
  }
  if (!request.vector && !request.model.empty()) {
    return broken_rule("model", "is given without a vector");
  }
  if (!request.vector && request.mmr_lambda) {
    return broken_rule("mmr_lambda",
                       "needs a query vector, whose model says how alike memories are");
  }
  return {};
}

Status check_blend(const RankingBlend& blend, SearchMode mode) {
  if (auto status = check_weight(blend.decay, 1, "blend.decay"); !status) return status;
  if (auto status = check_weight(blend.priority, 1, "blend.priority"); !status) return status;
  if (auto status = check_weight(blend.recency, 1, "blend.recency"); !status) return status;
  if (blend.recency_half_life.count() <= 0) {
    return broken_rule("blend.recency_half_life", "must be above 0");
  }
  if (mode != SearchMode::kRecent) return {};
  for (const auto& [weight, field] :
       {std::pair(blend.decay, "blend.decay"), std::pair(blend.priority, "blend.priority"),
        std::pair(blend.recency, "blend.recency")}) {
    if (weight > 0) {
      return broken_rule(field,
                         "does not apply to recent mode, which orders by the times alone; a list "
                         "can be sorted by priority or decay");
    }
  }
  return {};
}

}  // namespace

SearchMode resolved_mode(const SearchRequest& request) {
  if (request.mode != SearchMode::kAuto) return request.mode;
  if (request.text && request.vector) return SearchMode::kHybrid;
  if (request.text) return SearchMode::kText;
  return request.vector ? SearchMode::kVector : SearchMode::kRecent;
}

Status check_request(const SearchRequest& request) {
  if (request.k < 1 || request.k > kResultsMax) {
    return broken_rule("k", fmt::format("is {}; must be 1..{}", request.k, kResultsMax));
  }
  if (request.offset > kResultsMax - request.k) {
    return broken_rule(
        "offset", fmt::format("is {}; with k it must be at most {}", request.offset, kResultsMax));
  }
  if (request.least_score) {
    if (!std::isfinite(*request.least_score)) return broken_rule("least_score", "is not finite");
    if (resolved_mode(request) == SearchMode::kRecent) {
      return broken_rule("least_score", "does not apply to recent mode, which scores nothing");
    }
  }
  if (auto status = check_arms(request, resolved_mode(request)); !status) return status;
  if (request.text) {
    if (request.text->size() > kQueryBytesMax) {
      return broken_rule("text", fmt::format("has {} bytes; a query has at most {}",
                                             request.text->size(), kQueryBytesMax));
    }
    if (const auto bad = first_invalid_utf8(*request.text)) {
      return broken_rule("text", fmt::format("is not UTF-8 at byte {}", *bad));
    }
  }
  if (request.ef_search > kEfMax) {
    return broken_rule("ef_search", fmt::format("is {}; must be 1..{}, or 0 for the store's option",
                                                request.ef_search, kEfMax));
  }
  const float vector_weight = request.vector_weight.value_or(0.5F);
  const float text_weight = request.text_weight.value_or(0.5F);
  if (auto status = check_weight(vector_weight, 1e6F, "vector_weight"); !status) return status;
  if (auto status = check_weight(text_weight, 1e6F, "text_weight"); !status) return status;
  if (vector_weight + text_weight <= 0) {
    return broken_rule("vector_weight", "and text_weight are both 0; one must be above");
  }
  if (auto status = check_weight(request.context_weight, 1, "context_weight"); !status) {
    return status;
  }
  if (request.mmr_lambda) {
    if (auto status = check_weight(*request.mmr_lambda, 1, "mmr_lambda"); !status) return status;
  }
  if (request.deadline && request.deadline->count() <= 0) {
    return broken_rule("deadline", "must be above 0");
  }
  if (auto status = check_blend(request.blend, resolved_mode(request)); !status) return status;
  return model::check_filter(request.filter);
}

Status check_query_vector(const SearchRequest& request, const std::string& name,
                          const std::optional<storage::ModelRow>& model) {
  TULVING_DCHECK(request.vector.has_value());
  if (auto status = model::check_embedding(name, *request.vector); !status) {
    Error error = status.error();
    error.field = "vector";
    return error;
  }
  if (model && model->dim != request.vector->size()) {
    return broken_rule("vector", fmt::format("has {} dimensions; model \"{}\" has {} in this store",
                                             request.vector->size(), name, model->dim));
  }
  return {};
}

}  // namespace tulving::engine
