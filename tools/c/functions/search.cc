// The search, typed: no JSON on the way in but for filters, none on the way out unless asked for.

#include <array>
#include <utility>

#include "core/operations/memories/search_answer.h"
#include "tools/c/call/given.h"
#include "tulving/json.h"

using namespace tulving;
using namespace tulving::c;

namespace {

constexpr std::uint32_t kFlags = TULVING_EXACT | TULVING_INCLUDE_ARCHIVED |
                                 TULVING_INCLUDE_DELETED | TULVING_INCLUDE_EXPIRED |
                                 TULVING_EXPLAIN | TULVING_TOUCH;

/// The parameters of the operation that have a member of the struct.
constexpr std::array<std::string_view, 14> kMembers = {"tenant_id",
                                                       "text",
                                                       "vector",
                                                       "model",
                                                       "filter",
                                                       "mode",
                                                       "k",
                                                       "ef_search",
                                                       "exact",
                                                       "include_archived",
                                                       "include_deleted",
                                                       "explain",
                                                       "include_expired",
                                                       "touch"};

/// The request that `more` stands for, before the struct's members come in.
Result<SearchRequest> request_of_more(tulving_text given, const std::string& tenant_id) {
  auto more = view_of(given, "more");
  if (!more) return more.error();
  if (given.data == nullptr) return SearchRequest();
  const Operation& operation = *find_operation("search");
  const Caller caller{tenant_id};
  const Call call{.operation = operation.name, .arguments = *more};
  auto arguments = Arguments::read(operation, caller, call);
  if (!arguments) return in_operation(operation, arguments.error());
  for (const std::string_view member : kMembers) {
    if (member != "tenant_id" && arguments->has(member)) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("more: {} has a member of tulving_search_args", member),
                   std::string(member)};
    }
  }
  for (const char* member : {"deadline_ms", "timings"}) {
    if (arguments->has(member)) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("more: {} is not taken here; see deadline_us", member), member};
    }
  }
  return operations::search_request(*arguments);
}

Status take_texts(const tulving_search_args& args, SearchRequest& request) {
  auto text = view_of(args.text, "text");
  if (!text) return text.error();
  if (args.text.data != nullptr) request.text = *text;
  auto model = view_of(args.model, "model");
  if (!model) return model.error();
  request.model = *model;
  auto json = view_of(args.filter, "filter");
  if (!json) return json.error();
  if (args.filter.data == nullptr) return {};
  auto filter = parse_filter(*json);
  if (!filter) return filter.error();
  request.filter = *std::move(filter);
  return {};
}

Status take_numbers(const tulving_search_args& args, SearchRequest& request) {
  constexpr std::array kModes = {SearchMode::kAuto, SearchMode::kHybrid, SearchMode::kVector,
                                 SearchMode::kText, SearchMode::kRecent};
  if (args.mode >= kModes.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("mode is {}; must be 0..{}", args.mode, kModes.size() - 1), "mode"};
  }
  if (auto status = check_flags(args.flags, kFlags, "flags"); !status) return status;
  if (args.deadline_us < 0) return refused("deadline_us", "is below 0");
  request.mode = kModes[args.mode];
  if (args.k != 0) request.k = args.k;
  request.exact = (args.flags & TULVING_EXACT) != 0;
  request.include_archived = (args.flags & TULVING_INCLUDE_ARCHIVED) != 0;
  request.include_deleted = (args.flags & TULVING_INCLUDE_DELETED) != 0;
  request.include_expired = (args.flags & TULVING_INCLUDE_EXPIRED) != 0;
  request.explain = (args.flags & TULVING_EXPLAIN) != 0;
  request.ef_search = args.ef_search;
  if (args.deadline_us != 0) request.deadline = std::chrono::microseconds(args.deadline_us);
  return {};
}

/// All of the arguments but for the vector.
Result<SearchRequest> request_of(const tulving_search_args& args, const std::string& tenant_id) {
  auto request = request_of_more(args.more, tenant_id);
  if (!request) return request.error();
  if (auto status = take_texts(args, *request); !status) return status.error();
  if (auto status = take_numbers(args, *request); !status) return status.error();
  return request;
}

Result<std::shared_ptr<HitsObject>> run(Tenant& tenant, const SearchRequest& request, bool touch) {
  auto found = touch ? tenant.search_and_touch(request) : tenant.search(request);
  if (!found) return found.error();
  return std::make_shared<HitsObject>(tenant.id(), *std::move(found));
}

Status search_rows(Tenant& tenant, SearchRequest request, bool touch, const Matrix& rows,
                   tulving_hits** hits) {
  std::vector<std::shared_ptr<HitsObject>> found;
  found.reserve(rows.rows());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    request.vector.emplace(rows.row(row).begin(), rows.row(row).end());
    auto one = run(tenant, request, touch);
    if (!one) {
      Error error = one.error();
      error.position = row;
      return error;
    }
    found.push_back(*std::move(one));
  }
  std::size_t given = 0;
  try {
    for (auto& one : found) hits[given++] = publish(std::move(one));
  } catch (...) {
    for (std::size_t at = 0; at < found.size(); ++at) {
      free_handle<HitsObject>(hits[at]);
      hits[at] = nullptr;
    }
    throw;
  }
  return {};
}

}  // namespace

tulving_status tulving_search(tulving_tenant* tenant, const tulving_search_args* args,
                              tulving_hits** hits, tulving_error** error) {
  if (hits != nullptr) *hits = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    if (hits == nullptr) return refused("hits", "are missing: where the handle is to go");
    const auto given = read_struct(args, "args");
    if (!given) return given.error();
    auto request = request_of(*given, (*object)->tenant.id());
    if (!request) return request.error();
    auto vector =
        Matrix::read(given->vector, given->vector != nullptr ? 1 : 0, given->dim, 0, "vector");
    if (!vector) return vector.error();
    if (vector->rows() != 0) {
      request->vector.emplace(vector->row(0).begin(), vector->row(0).end());
    }
    auto found = run((*object)->tenant, *request, (given->flags & TULVING_TOUCH) != 0);
    if (!found) return found.error();
    *hits = publish(*std::move(found));
    return {};
  });
}

tulving_status tulving_search_many(tulving_tenant* tenant, const tulving_search_args* args,
                                   const float* vectors, size_t rows, size_t dim,
                                   size_t stride_bytes, tulving_hits** hits,
                                   tulving_error** error) {
  if (hits != nullptr) std::fill_n(hits, rows, nullptr);
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    if (hits == nullptr) return refused("hits", "are missing: where the handles are to go");
    const auto given = read_struct(args, "args");
    if (!given) return given.error();
    if (given->vector != nullptr || given->dim != 0) {
      return refused("vector", "is a search's of one; the rows are here");
    }
    auto request = request_of(*given, (*object)->tenant.id());
    if (!request) return request.error();
    auto matrix = Matrix::read(vectors, rows, dim, stride_bytes, "vectors");
    if (!matrix) return matrix.error();
    return search_rows((*object)->tenant, *std::move(request), (given->flags & TULVING_TOUCH) != 0,
                       *matrix, hits);
  });
}
