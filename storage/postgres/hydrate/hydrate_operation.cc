// hydrate: the operation that fills a tenant from a Postgres schema.

#include <array>

#include "core/json/text/json_writer.h"
#include "storage/postgres/postgres_operations.h"
#include "tulving/postgres.h"

namespace tulving {
namespace {

using json::ObjectWriter;
using namespace params;

constexpr std::array<std::string_view, 5> kSchemas = {"orchestrator", "guild", "consolidation",
                                                      "compass", "cortex"};

constexpr std::array kHydrate = {
    text("from", "postgresql://..., or key=value pairs of libpq").required(),
    word("schema", kSchemas, "Whose tables are read").required(),
    text("tenant", "The tenant that is filled; it must be empty, or half full of the same")
        .required(),
    text("schema_name", "The Postgres schema, where it has another name"),
    boolean("take_over", "The rows are this store's afterwards, as if it had synced them"),
};
constexpr std::array kRefused = {
    text("table", "Of the row").required(),
    text("key", "Of the row").required(),
    text("reason", "Why no record can be made of it").required(),
};
constexpr std::array kRead = {
    text("schema", "What was read").required(),
    text("name_in_database", "From which Postgres schema").required(),
    text("tenant_id", "Into which tenant").required(),
    integer("revision", "The store's, afterwards").required(),
    counts("rows", "That records were made of, by table").required(),
    counts("records", "By kind").required(),
    counts("made", "Of names alone, which records have, by kind").required(),
    integer("unchanged", "Of the records: they were there").required(),
    object("refused", kRefused, "What was not read").list().required(),
    counts("refused_by_reason", "How many, by the reason's beginning").required(),
    text("differences", "Tables and columns that are not there").list(),
    counts("taken_over", "Rows that are this store's now, by table"),
};

void append_refused(std::string& to, const RefusedRow& row) {
  ObjectWriter out(to);
  out.member("table", row.table);
  out.member("key", row.key);
  out.member("reason", row.reason);
  out.close();
}

Status run_hydrate(const Running& running) {
  const Arguments& given = running.arguments;
  PostgresHydrateOptions options;
  options.uri = given.text("from");
  options.schema = given.text("schema");
  options.tenant = given.text("tenant");
  options.schema_name = given.text("schema_name");
  options.take_over = given.flag("take_over");
  options.progress = [&running](std::uint64_t done, std::uint64_t total) {
    if (running.call.progress) running.call.progress(done, total);
  };
  auto report = hydrate_store(running.store(), options);
  if (!report) return report.error();
  running.answer.json += to_json(*report);
  return {};
}

}  // namespace

Operation hydrate_operation() {
  return {.name = "hydrate",
          .effect = Effect::kWrite,
          .help = "Fills an empty tenant from a PostgreSQL schema",
          .params = kHydrate,
          .answer = object({}, kRead, "What was read"),
          .run = &run_hydrate,
          .makes_store = true};
}

std::string to_json(const PostgresHydrateReport& report) {
  std::string text;
  ObjectWriter out(text);
  out.member("schema", report.schema);
  out.member("name_in_database", report.name_in_database);
  out.member("tenant_id", report.tenant_id);
  out.member("revision", report.revision);
  out.counts("rows", report.rows);
  out.counts("records", report.records);
  out.counts("made", report.made);
  out.member("unchanged", report.unchanged);
  json::append_array(out.key("refused"), report.refused, append_refused);
  out.counts("refused_by_reason", refused_by_reason(report));
  out.member("differences", report.differences);
  if (!report.taken_over.empty()) out.counts("taken_over", report.taken_over);
  out.close();
  return text;
}

}  // namespace tulving
