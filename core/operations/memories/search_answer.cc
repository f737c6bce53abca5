#include "core/operations/memories/search_answer.h"

#include <chrono>
#include <cmath>

namespace tulving::operations {

namespace {

void add_members(const SearchResponse& response, bool has_deadline, ObjectWriter& out) {
  append_all(out.key("results"), response.hits);
  out.member("approximate", response.approximate);
  if (has_deadline) out.member("partial", response.partial);
  if (response.text_unsearchable) out.member("text_unsearchable", true);
  if (response.vector_unsearchable) out.member("vector_unsearchable", true);
  if (!response.embedding_error.empty()) {
    out.member("embedding_error", well_formed(response.embedding_error));
  }
  if (response.plan) out.key("plan") += to_json(*response.plan);
}

void set_ranking(const Arguments& given, SearchRequest& request) {
  request.fusion = given.text("fusion") == "rrf" ? Fusion::kRrf : Fusion::kMinMax;
  request.vector_weight = given.real("vector_weight");
  request.text_weight = given.real("text_weight");
  request.context_weight = given.real("context_weight").value_or(request.context_weight);
  request.blend.decay = given.real("decay_weight").value_or(0);
  request.blend.priority = given.real("priority_weight").value_or(0);
  request.blend.recency = given.real("recency_weight").value_or(0);
  if (const auto days = given.number("recency_half_life_days")) {
    request.blend.recency_half_life = std::chrono::seconds(std::llround(*days * 86400));
  }
  request.mmr_lambda = given.real("mmr_lambda");
}

}  // namespace

SearchRequest search_request(const Arguments& given) {
  SearchRequest request;
  request.model = given.text("model");
  request.mode = parse_search_mode(given.text("mode")).value_or(request.mode);
  request.k = static_cast<std::uint32_t>(given.integer("k"));
  request.offset = static_cast<std::uint32_t>(given.integer("offset"));
  request.least_score = given.real("least_score");
  request.filter = given.filter("filter");
  set_ranking(given, request);
  request.exact = given.flag("exact");
  request.ef_search = static_cast<std::uint32_t>(given.integer("ef_search"));
  request.include_archived = given.flag("include_archived");
  request.include_deleted = given.flag("include_deleted");
  request.include_expired = given.flag("include_expired");
  request.explain = given.flag("explain");
  request.now = given.time("now");
  if (const auto milliseconds = given.number("deadline_ms")) {
    request.deadline = std::chrono::microseconds(std::llround(*milliseconds * 1000));
  }
  return request;
}

SearchManner search_manner(const Arguments& given) {
  return {.touch = given.flag("touch"), .timed = given.flag("timings")};
}

Status add_response(Tenant& tenant, const SearchRequest& request, SearchManner manner,
                    ObjectWriter& out, Remarks& remarks, LookedFor* before) {
  const auto begin = std::chrono::steady_clock::now();
  auto response = manner.touch ? tenant.search_and_touch(request) : tenant.search(request);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  if (!response) return response.error();
  remark_missing_names(tenant, request.filter, remarks, before);
  remark_unsearchable(tenant, request, *response, remarks);
  add_members(*response, request.deadline.has_value(), out);
  if (manner.timed) append_figure(out.key("microseconds"), took.count());
  return {};
}

}  // namespace tulving::operations
