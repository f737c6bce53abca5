// search --queries: one line out per line in, in order.

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/commands/memories/search.h"
#include "tools/cli/commands/store/quantiles.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/transfer/fvecs.h"
#include "tools/cli/transfer/import_lines.h"
#include "tulving/json.h"
#include "tulving/json_members.h"

namespace tulving::tools {

namespace {

/// A line of --queries, joined with the options that hold for all of them.
struct Query {
  std::string tenant_id;
  SearchRequest request;
};

Error wrong(const char* field, const std::string& reason) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("{} {}", field, reason), field};
}

/// Keeps the parts of the query that the mode uses. A file of queries serves every mode, so a text
/// beside a vector is data here and no contradiction, as it would be among the arguments.
void keep_arms(SearchRequest& request) {
  const bool text = request.mode != SearchMode::kVector && request.mode != SearchMode::kRecent;
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
    return wrong("vector", "is given twice: in the line and in --vectors");
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
  Batch(const GlobalOptions& globals, const SearchCommand& command, const Store& store,
        SearchRequest common, std::optional<VectorFile> vectors)
      : globals_(globals),
        command_(command),
        store_(store),
        common_(std::move(common)),
        vectors_(std::move(vectors)) {}

  /// Answers one line. A query that is refused gets its error in place of results.
  void answer(std::string_view text) {
    JsonText id{peek_json_member(text, "query_id").value_or("null")};
    Query query{command_.tenant, common_};
    auto found = search(text, query);
    if (!found) {
      exit_code_ = exit_code_ == kFailed ? kFailed : exit_code_of(found.error());
      refuse(id, found.error());
    } else {
      print(id, query, *found);
      microseconds_.push_back(found->microseconds);
    }
    ++row_;
  }

  void print_summary() {
    std::ranges::sort(microseconds_);
    double sum = 0;
    for (const double value : microseconds_) sum += value;
    fmt::print(stderr, "{} searches: p50 {:.0f} us, p95 {:.0f} us, p99 {:.0f} us, mean {:.0f} us\n",
               microseconds_.size(), quantile(microseconds_, 0.5), quantile(microseconds_, 0.95),
               quantile(microseconds_, 0.99),
               microseconds_.empty() ? 0 : sum / static_cast<double>(microseconds_.size()));
  }

  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  Result<TimedResponse> search(std::string_view text, Query& query) {
    auto line = parse_query(text);
    if (!line) return line.error();
    if (vectors_) {
      auto row = vectors_->read(row_);
      if (!row) return row.error();
      query.request.vector = *std::move(row);
    }
    if (auto status = take_line(*std::move(line), query); !status) return status.error();
    auto tenant = store_.tenant(query.tenant_id);
    if (!tenant) return tenant.error();
    tell_missing_tenant(store_, query.tenant_id);
    return timed_search(*tenant, query.request);
  }

  void refuse(const JsonText& id, const Error& error) const {
    report(fmt::format("query {}: {}", id.text, error.message));
    if (!globals_.json) return;
    print_json(ObjectText()
                   .set("query_id", id)
                   .set("results", Json::array())
                   .set("error", error.message)
                   .set("field", error.field)
                   .done());
  }

  void print(const JsonText& id, const Query& query, const TimedResponse& found) const {
    if (globals_.json) {
      ObjectText json;
      json.set("query_id", id);
      json.add_members(response_text(found.response, query.request).done().text);
      if (command_.timings) json.set("microseconds", found.microseconds);
      print_json(json.done());
      return;
    }
    fmt::print("{}  {}{}\n", shown(json_shown(id.text)), shown(query.request.text.value_or("")),
               command_.timings ? fmt::format("  ({:.0f} us)", found.microseconds) : "");
    print_response(found.response);
    fmt::print("\n");
  }

  const GlobalOptions& globals_;
  const SearchCommand& command_;
  const Store& store_;
  SearchRequest common_;
  std::optional<VectorFile> vectors_;
  std::uint64_t row_ = 0;
  std::vector<double> microseconds_;
  int exit_code_ = kDone;
};

/// Opens --vectors, and refuses it where it has not one row a query.
Result<std::optional<VectorFile>> open_vectors(const SearchCommand& command, LineReader& lines) {
  if (command.vectors.empty()) return std::optional<VectorFile>();
  auto vectors = VectorFile::open(command.vectors);
  if (!vectors) return vectors.error();
  std::uint64_t count = 0;
  while (true) {
    auto line = lines.next();
    if (!line) return line.error();
    if (!*line) break;
    ++count;
  }
  if (count != vectors->rows()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} has {} rows, and {} has {} queries", command.vectors,
                             vectors->rows(), command.queries, count)};
  }
  if (auto status = lines.rewind(); !status) return status.error();
  return std::optional(*std::move(vectors));
}

}  // namespace

Result<int> run_search_batch(const GlobalOptions& globals, const SearchCommand& command) {
  auto common = request_of(command);
  if (!common) return common.error();
  auto lines = LineReader::open(command.queries, !command.vectors.empty());
  if (!lines) return lines.error();
  auto vectors = open_vectors(command, *lines);
  if (!vectors) return vectors.error();
  auto store = open_store(globals, common->touch ? Access::kWrite : Access::kRead);
  if (!store) return store.error();
  Batch batch(globals, command, *store, *std::move(common), *std::move(vectors));
  while (true) {
    auto line = lines->next();
    if (!line) return line.error();
    if (!*line) break;
    batch.answer(**line);
  }
  if (command.timings) batch.print_summary();
  return close_store(*store, batch.exit_code());
}

}  // namespace tulving::tools
