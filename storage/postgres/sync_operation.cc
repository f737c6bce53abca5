// sync: an operation that this library adds to the table.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/json/text/json_writer.h"
#include "storage/postgres/postgres_operations.h"
#include "tulving/operations.h"
#include "tulving/postgres.h"

namespace tulving {

namespace {

using json::ObjectWriter;
using namespace params;

constexpr std::array<std::string_view, 5> kProjections = {"orchestrator", "guild", "consolidation",
                                                          "compass", "cortex"};
constexpr std::array<std::string_view, 2> kSpans = {"month", "quarter"};

constexpr std::array kSync = {
    text("to", "postgresql://..., or key=value pairs of libpq").required(),
    word("schemas", kProjections, "The projections sent").list().required(),
    text("tenant", "The tenant sent; may be left out where the store has one only"),
    boolean("all_tenants", "Every tenant, into one schema"),
    text("namespaces", "PROJECTION=SCHEMA: into another Postgres schema").list(),
    word("partitions", kSpans,
         "Where orchestrator's tables are made: memories and access log by time, vectors by hash"),
    boolean("verify",
            "Compares all, and writes nothing: inserted is what is missing, updated what "
            "differs, deleted what should not be there"),
};
constexpr std::array kSkipped = {
    text("tenant_id", "The tenant").required(),
    text("kind", "Of the record").required(),
    text("id", "Of the record").required(),
    text("reason", "What the schema cannot hold, or who has the id").required(),
};
constexpr std::array kReport = {
    text("projection", "What was sent").required(),
    text("schema", "Where to").required(),
    integer("from_revision", "What the database held before; 0: nothing").required(),
    integer("to_revision", "What it holds now").required(),
    text("replaced",
         "What it held before, where that is not known to be of the store's history, "
         "so that all was sent anew"),
    counts("inserted", "Rows by table").required(),
    counts("updated", "Rows by table").required(),
    counts("deleted", "Rows by table").required(),
    object("skipped", kSkipped, "What was not sent").list().required(),
    counts("skipped_by_reason", "How many, by the reason's beginning").required(),
    text("differences", "How tables that were there differ, where that does not matter").list(),
};
constexpr std::array kReports = {object("reports", kReport, "One a projection").list().required()};

void append_skipped(std::string& to, const SkippedRow& row) {
  ObjectWriter out(to);
  out.member("tenant_id", row.tenant_id);
  out.member("kind", row.kind);
  out.member("id", row.id);
  out.member("reason", row.reason);
  out.close();
}

void append_report(std::string& to, const PostgresSyncReport& report) {
  ObjectWriter out(to);
  out.member("projection", report.projection);
  out.member("schema", report.schema);
  out.member("from_revision", report.from_revision);
  out.member("to_revision", report.to_revision);
  if (report.replaced) out.member("replaced", report.replaced->to_string());
  out.counts("inserted", report.inserted);
  out.counts("updated", report.updated);
  out.counts("deleted", report.deleted);
  json::append_array(out.key("skipped"), report.skipped, append_skipped);
  out.counts("skipped_by_reason", skipped_by_reason(report));
  out.member("differences", report.differences);
  out.close();
}

Status run_sync(const Running& running) {
  const Arguments& given = running.arguments;
  PostgresSyncOptions options;
  options.uri = given.text("to");
  options.projections = given.texts("schemas");
  options.tenant = given.text("tenant");
  options.all_tenants = given.flag("all_tenants");
  for (const std::string& pair : given.texts("namespaces")) {
    if (auto status = add_namespace(options, pair); !status) return status;
  }
  options.verify = given.flag("verify");
  if (const std::string span = given.text("partitions"); !span.empty()) {
    options.partitions = span == "quarter" ? PartitionSpan::kQuarter : PartitionSpan::kMonth;
  }
  options.progress = [&running](std::uint64_t done, std::uint64_t total) {
    if (running.call.progress) running.call.progress(done, total);
  };
  auto reports = sync_store(running.store(), options);
  if (!reports) return reports.error();
  running.answer.json += to_json(*reports);
  return {};
}

}  // namespace

Operation sync_operation() {
  return {.name = "sync",
          .help = "Sends what is new in the store to PostgreSQL",
          .params = kSync,
          .answer = object({}, kReports, "What was sent"),
          .run = &run_sync};
}

Status add_namespace(PostgresSyncOptions& options, std::string_view pair) {
  const auto equals = pair.find('=');
  const std::string projection(pair.substr(0, equals));
  if (equals == std::string::npos || projection.empty() || equals + 1 == pair.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--namespace is \"{}\"; must be PROJECTION=SCHEMA", pair),
                 "namespaces"};
  }
  if (std::ranges::find(options.projections, projection) == options.projections.end()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--namespace names \"{}\", which --schemas does not", projection),
                 "namespaces"};
  }
  options.namespaces[projection] = pair.substr(equals + 1);
  return {};
}

std::string to_json(const std::vector<PostgresSyncReport>& reports) {
  std::string text;
  ObjectWriter out(text);
  json::append_array(out.key("reports"), reports, append_report);
  out.close();
  return text;
}

std::map<std::string, std::uint64_t> skipped_by_reason(const PostgresSyncReport& report) {
  std::map<std::string, std::uint64_t> counts;
  for (const SkippedRow& row : report.skipped) {
    ++counts[row.reason.substr(0, row.reason.find(": "))];
  }
  return counts;
}

}  // namespace tulving
