// search --queries: one line out per line in, in order.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

#include "tools/fvecs.h"
#include "tools/import_lines.h"
#include "tools/quantiles.h"
#include "tools/search.h"
#include "tulving/json.h"

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

Status check_members(const Json& line) {
  static constexpr std::array<std::string_view, 8> kMembers = {
      "query_id", "tenant_id", "text", "vector", "model", "k", "filter", "mode"};
  for (const auto& [name, value] : line.items()) {
    if (std::ranges::find(kMembers, name) == kMembers.end()) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("there is no field \"{}\"", name),
                   name};
    }
  }
  return {};
}

/// Sets `target` from the string member `name`, where there is one.
template <class Target>
Status take_string(const Json& line, const char* name, Target& target) {
  const auto member = line.find(name);
  if (member == line.end()) return {};
  if (!member->is_string()) return wrong(name, "must be a string");
  target = member->get<std::string>();
  return {};
}

Status take_k(const Json& line, std::uint32_t& k) {
  const auto member = line.find("k");
  if (member == line.end()) return {};
  if (!member->is_number_unsigned() ||
      member->get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
    return wrong("k", fmt::format("is {}; must be 1..10000", member->dump()));
  }
  k = member->get<std::uint32_t>();
  return {};
}

Status take_vector(const Json& line, std::optional<std::vector<float>>& vector) {
  const auto member = line.find("vector");
  if (member == line.end()) return {};
  if (vector) return wrong("vector", "is given twice: in the line and in --vectors");
  if (!member->is_array() ||
      !std::ranges::all_of(*member, [](const Json& value) { return value.is_number(); })) {
    return wrong("vector", "must be an array of numbers");
  }
  vector = member->get<std::vector<float>>();
  return {};
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

Status take_line(const Json& line, Query& query) {
  if (auto status = check_members(line); !status) return status;
  if (!line.contains("query_id")) return wrong("query_id", "is missing");
  SearchRequest& request = query.request;
  if (auto status = take_string(line, "tenant_id", query.tenant_id); !status) return status;
  if (query.tenant_id.empty()) return wrong("tenant_id", "is missing");
  if (auto status = take_string(line, "text", request.text); !status) return status;
  if (auto status = take_string(line, "model", request.model); !status) return status;
  if (auto status = take_k(line, request.k); !status) return status;
  if (auto status = take_vector(line, request.vector); !status) return status;
  if (const auto filter = line.find("filter"); filter != line.end()) {
    auto parsed = parse_filter(filter->dump());
    if (!parsed) return parsed.error();
    request.filter = all_of({std::move(request.filter), *std::move(parsed)});
  }
  std::string mode;
  if (auto status = take_string(line, "mode", mode); !status) return status;
  if (!mode.empty()) {
    auto parsed = parse_mode(mode);
    if (!parsed) return parsed.error();
    request.mode = *parsed;
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
    Json id;
    Query query{command_.tenant, common_};
    auto found = search(text, id, query);
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
  Result<TimedResponse> search(std::string_view text, Json& id, Query& query) {
    auto line = parse_json(text, "the query");
    if (!line) return line.error();
    if (!line->is_object())
      return Error{ErrorCode::kInvalidArgument, "the query is no JSON object"};
    if (line->contains("query_id")) id = (*line)["query_id"];
    if (vectors_) {
      auto row = vectors_->read(row_);
      if (!row) return row.error();
      query.request.vector = *std::move(row);
    }
    if (auto status = take_line(*line, query); !status) return status.error();
    auto tenant = store_.tenant(query.tenant_id);
    if (!tenant) return tenant.error();
    return timed_search(*tenant, query.request);
  }

  void refuse(const Json& id, const Error& error) const {
    fmt::print(stderr, "tulving: query {}: {}\n", id.dump(), error.message);
    if (!globals_.json) return;
    print_json(Json{{"query_id", id},
                    {"results", Json::array()},
                    {"error", error.message},
                    {"field", error.field}});
  }

  void print(const Json& id, const Query& query, const TimedResponse& found) const {
    if (globals_.json) {
      Json json{{"query_id", id}};
      json.update(response_json(found.response, query.request));
      if (command_.timings) json["microseconds"] = found.microseconds;
      print_json(json);
      return;
    }
    fmt::print("{}  {}{}\n", id.is_string() ? id.get<std::string>() : id.dump(),
               query.request.text.value_or(""),
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
