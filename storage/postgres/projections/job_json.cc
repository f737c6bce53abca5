#include "storage/postgres/projections/job_json.h"

#include <array>
#include <utility>

#include "core/json/text/json_reader.h"
#include "core/json/text/json_writer.h"

namespace tulving::storage::postgres {
namespace {

using json::FieldValue;
using json::ObjectWriter;

struct Count {
  std::string_view name;
  std::uint64_t JobMetrics::*member;
};
constexpr std::array kCounts = {Count{"memories_processed", &JobMetrics::memories_processed},
                                Count{"patterns_extracted", &JobMetrics::patterns_extracted},
                                Count{"memories_merged", &JobMetrics::memories_merged},
                                Count{"merges_made", &JobMetrics::merges_made},
                                Count{"principles_created", &JobMetrics::principles_created}};

Status read_range(const FieldValue& in, JobScope& scope) {
  if (in.value.kind() != JsonKind::kObject) {
    return in.must_be("an object {\"from\", \"until\"}, or null");
  }
  return json::read_each_once(in.field, in.value,
                              [&](std::string_view key, JsonValue value) -> Status {
                                const FieldValue member{key, value};
                                if (key == "from") return json::read(member, scope.created_from);
                                if (key == "until") return json::read(member, scope.created_until);
                                return json::unknown_field(key);
                              });
}

Status read_scope_member(const FieldValue& in, JobScope& scope) {
  const bool is_known =
      in.field == "date_range" || in.field == "memory_types" || in.field == "unconsolidated_only";
  if (!is_known) return json::unknown_field(in.field);
  if (in.is_null()) return {};
  if (in.field == "date_range") return read_range(in, scope);
  if (in.field == "memory_types") return json::read(in, scope.memory_types);
  return json::read(in, scope.unconsolidated_only);
}

Status read_metric(const FieldValue& in, ConsolidationJob& job) {
  if (in.is_null()) return {};
  for (const Count& count : kCounts) {
    if (in.field == count.name) return json::read(in, job.metrics.*count.member);
  }
  if (in.field == "progress") return json::read(in, job.progress);
  if (in.field == "plan_ids") return json::read(in, job.plan_ids);
  return {};
}

// Reads the object `text` into a copy of `to`, which takes its place where all of it was read.
template <class Into>
Status read_object(std::string_view what, std::string_view text, Into& to,
                   Status (*read_member)(const FieldValue&, Into&)) {
  const auto object = json::parse_object(what, text);
  if (!object) return object.error();
  Into copy = to;
  auto status =
      json::read_each_once(what, *object, [&](std::string_view key, JsonValue value) -> Status {
        return read_member(FieldValue{key, value}, copy);
      });
  if (status) to = std::move(copy);
  return status;
}

}  // namespace

std::string to_scope_json(const JobScope& scope) {
  std::string text;
  ObjectWriter out(text);
  if (scope.created_from || scope.created_until) {
    ObjectWriter range(out.key("date_range"));
    range.member("from", scope.created_from);
    range.member("until", scope.created_until);
    range.close();
  } else {
    out.key("date_range") += "null";
  }
  out.member("memory_types", scope.memory_types);
  out.member("unconsolidated_only", scope.unconsolidated_only);
  out.close();
  return text;
}

Status read_scope_json(std::string_view text, JobScope& scope) {
  return read_object("scope", text, scope, &read_scope_member);
}

std::string to_metrics_json(const ConsolidationJob& job) {
  std::string text;
  ObjectWriter out(text);
  for (const Count& count : kCounts) out.member(count.name, job.metrics.*count.member);
  out.member("progress", job.progress);
  out.member("plan_ids", job.plan_ids);
  out.close();
  return text;
}

Status read_metrics_json(std::string_view text, ConsolidationJob& job) {
  return read_object("metrics", text, job, &read_metric);
}

}  // namespace tulving::storage::postgres
