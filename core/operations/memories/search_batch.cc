// search.batch: one line out per line in, in order.

#include <fmt/format.h>

#include "core/operations/memories/search_answer.h"
#include "tulving/json_members.h"

namespace tulving::operations {

namespace {

/// A line, joined with the parameters that hold for all of them.
struct Query {
  std::string tenant_id;
  SearchRequest request;
};

Error wrong(const char* field, const std::string& reason) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("{} {}", field, reason), field};
}

/// Keeps the parts of the query that the mode uses. A file of queries serves every mode, so a text
/// beside a vector is data here and no contradiction, as it would be of one search.
void keep_arms(SearchRequest& request) {
  // By vector, a text without one is what an embedder makes it of.
  const bool by_vector = request.mode == SearchMode::kVector && request.vector;
  const bool text = !by_vector && request.mode != SearchMode::kRecent;
  const bool vector = request.mode != SearchMode::kText && request.mode != SearchMode::kRecent;
  if (!text) request.text.reset();
  if (!vector) request.vector.reset();
  if (!vector) request.model.clear();
}

Status take_line(QueryLine line, Query& query) {
  SearchRequest& request = query.request;
  if (!line.tenant_id.empty()) query.tenant_id = std::move(line.tenant_id);
  if (query.tenant_id.empty()) return wrong("tenant_id", "is missing");
  if (line.vector && request.vector) {
    return wrong("vector", "is given twice: in the line and beside it");
  }
  if (line.text) request.text = std::move(line.text);
  if (line.vector) request.vector = std::move(line.vector);
  if (line.model) request.model = *std::move(line.model);
  if (line.k) request.k = *line.k;
  if (line.mode) request.mode = *line.mode;
  if (line.filter) {
    request.filter = all_of({std::move(request.filter), *std::move(line.filter)});
  }
  keep_arms(request);
  return {};
}

class Batch {
 public:
  explicit Batch(const Running& running)
      : running_(running),
        common_{running.arguments.text("tenant_id"), search_request(running.arguments)},
        manner_(search_manner(running.arguments)) {}

  /// The line out for one in. A query that is refused gets its error in place of results.
  Status answer(const StreamLine& in, const StreamEnds& lines) {
    ++queries_;
    const std::string id = peek_json_member(in.text, "query_id").value_or("null");
    std::string text;
    const auto status = search(in, id, text);
    if (!status) {
      ++refused_;
      text = refusal_of(id, status.error());
    }
    return lines.put(
        {.text = text, .number = in.number, .error = status ? nullptr : &status.error()});
  }

  void summarise() const {
    ObjectWriter out(running_.answer.json);
    out.member("queries", queries_);
    out.member("refused", refused_);
    out.close();
  }

 private:
  Status search(const StreamLine& in, std::string_view id, std::string& text) {
    auto line = parse_query(in.text);
    if (!line) return line.error();
    Query query = common_;
    for (const NamedVector& vector : in.vectors) {
      if (vector.parameter != "vector") continue;
      query.request.vector.emplace(vector.values.begin(), vector.values.end());
    }
    if (auto status = take_line(*std::move(line), query); !status) return status;
    if (auto status = check_tenant(query.tenant_id); !status) return status;
    auto tenant = running_.store().tenant(query.tenant_id);
    if (!tenant) return tenant.error();
    ObjectWriter out(text);
    out.key("query_id") += id;
    auto status = add_response(*tenant, query.request, manner_, out, remarks_, &before_);
    out.close();
    for (std::string& remark : remarks_) {
      if (told_.insert(remark).second) running_.answer.remarks.push_back(std::move(remark));
    }
    remarks_.clear();
    return status;
  }

  [[nodiscard]] Status check_tenant(const std::string& tenant_id) const {
    const std::string& bound = running_.caller.tenant_id;
    if (bound.empty() || bound == tenant_id) return {};
    return wrong("tenant_id",
                 fmt::format("is \"{}\"; must be \"{}\", the caller's", tenant_id, bound));
  }

  static std::string refusal_of(std::string_view id, const Error& error) {
    std::string text;
    ObjectWriter out(text);
    out.key("query_id") += id;
    out.key("results") += "[]";
    out.member("error", well_formed(error.message));
    out.member("field", well_formed(error.field));
    out.close();
    return text;
  }

  const Running& running_;
  Query common_;
  const SearchManner manner_;
  std::uint64_t queries_ = 0;
  std::uint64_t refused_ = 0;
  Remarks remarks_;
  std::set<std::string> told_;
  LookedFor before_;
};

}  // namespace

Status stream_queries(const Running& running, const StreamEnds& lines) {
  Batch batch(running);
  while (lines.stop == nullptr || !lines.stop->load()) {
    auto line = lines.next();
    if (!line) return line.error();
    if (!*line) break;
    if (auto status = batch.answer(**line, lines); !status) return status;
  }
  batch.summarise();
  return {};
}

}  // namespace tulving::operations
