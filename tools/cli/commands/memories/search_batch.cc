// search --queries: one line out per line in, in order.

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/commands/memories/search.h"
#include "tools/cli/commands/store/quantiles.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/print/output.h"
#include "tools/cli/transfer/fvecs.h"
#include "tools/cli/transfer/line_reader.h"
#include "tulving/json_members.h"

namespace tulving::tools {

namespace {

/// Feeds the lines of --queries, and takes the answers.
class Batch {
 public:
  Batch(const GlobalOptions& globals, const SearchCommand& command, const Store& store,
        LineReader& lines, std::optional<VectorFile> vectors)
      : globals_(globals),
        command_(command),
        store_(store),
        lines_(lines),
        vectors_(std::move(vectors)) {}

  Result<std::optional<StreamLine>> next() {
    auto line = lines_.next();
    if (!line) return line.error();
    if (!*line) return std::optional<StreamLine>();
    text_ = **line;
    if (vectors_) {
      auto values = vectors_->read(row_++);
      if (!values) return values.error();
      values_ = *std::move(values);
      vector_ = {"vector", values_};
    }
    tell_tenant();
    return std::optional(StreamLine{.text = text_,
                                    .number = lines_.number(),
                                    .vectors = std::span(&vector_, vectors_ ? 1 : 0)});
  }

  Status put(const StreamLine& line) {
    const AnswerView answer(line.text);
    if (line.error != nullptr) {
      exit_code_ = exit_code_ == kFailed ? kFailed : exit_code_of(*line.error);
      report(fmt::format("query {}: {}", query_id(), line.error->message));
    }
    if (globals_.json) {
      print_json_line(line.text);
    } else if (line.error == nullptr) {
      print(answer);
    }
    if (answer["microseconds"]) microseconds_.push_back(answer["microseconds"].number());
    return {};
  }

  void print_summary() {
    std::ranges::sort(microseconds_);
    double sum = 0;
    for (const double value : microseconds_) sum += value;
    tell(fmt::format("{} searches: p50 {:.0f} us, p95 {:.0f} us, p99 {:.0f} us, mean {:.0f} us\n",
                     microseconds_.size(), quantile(microseconds_, 0.5),
                     quantile(microseconds_, 0.95), quantile(microseconds_, 0.99),
                     microseconds_.empty() ? 0 : sum / static_cast<double>(microseconds_.size())));
  }

  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  [[nodiscard]] std::string query_id() const {
    return peek_json_member(text_, "query_id").value_or("null");
  }
  /// A member of the query in hand, a string; else what the command line says for all.
  [[nodiscard]] std::string member(std::string_view name, const std::string& otherwise) const {
    const auto value = peek_json_member(text_, name);
    return value && value->front() == '"' ? json_shown(*value) : otherwise;
  }

  void tell_tenant() const {
    const std::string tenant = member("tenant_id", command_.tenant);
    if (!tenant.empty()) tell_missing_tenant(store_, tenant);
  }

  void print(const AnswerView& answer) const {
    const std::string mode = member("mode", command_.mode);
    const bool has_text = mode != "vector" && mode != "recent";
    fmt::print(
        "{}  {}{}\n", shown(answer["query_id"].text()), has_text ? shown(member("text", "")) : "",
        command_.timings ? fmt::format("  ({:.0f} us)", answer["microseconds"].number()) : "");
    print_found(answer);
    fmt::print("\n");
  }

  const GlobalOptions& globals_;
  const SearchCommand& command_;
  const Store& store_;
  LineReader& lines_;
  std::optional<VectorFile> vectors_;
  std::uint64_t row_ = 0;
  std::string_view text_;  // Of the query in hand.
  std::vector<float> values_;
  NamedVector vector_;
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
  OperationCall call("search.batch");
  call.text_if_any("tenant_id", command.tenant);
  if (auto added = add_search_options(call, command); !added) return added.error();
  auto arguments = call.read();
  if (!arguments) return arguments.error();
  auto lines = LineReader::open(command.queries, !command.vectors.empty());
  if (!lines) return lines.error();
  auto vectors = open_vectors(command, *lines);
  if (!vectors) return vectors.error();
  auto service = open_service(globals, call);
  if (!service) return service.error();
  Batch batch(globals, command, service->store(), *lines, *std::move(vectors));
  Answer summary;
  auto status = stream(*service, call,
                       {.next = [&] { return batch.next(); },
                        .put = [&](const StreamLine& line) { return batch.put(line); }},
                       summary);
  if (!status) return status.error();
  if (command.timings) batch.print_summary();
  status = finish(*service, call);
  if (!status) return status.error();
  return batch.exit_code();
}

}  // namespace tulving::tools
