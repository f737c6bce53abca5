#include "core/consolidation/findings/result_json.h"

#include "core/json/text/json_writer.h"

namespace tulving::consolidation {
namespace {

using json::ObjectWriter;

void write(ObjectWriter& out, const DecayResult& result) {
  out.member("memory_id", result.memory_id);
  out.member("score", result.score);
  out.member("urgency", to_string(result.urgency));
  out.member("action", result.action);
}

void write(ObjectWriter& out, const ClusterResult& result) {
  out.member("cluster_id", result.cluster_id);
  out.member("memory_ids", result.memory_ids);
  out.member("cohesion", result.cohesion);
  out.member("action", result.action);
}

void write(ObjectWriter& out, const MergeResult& result) {
  if (result.memory_id.is_nil()) {
    out.key("memory_id") += "null";
  } else {
    out.member("memory_id", result.memory_id);
  }
  out.member("source_ids", result.source_ids);
  out.member("cohesion", result.cohesion);
  out.member("method", to_string(result.method));
}

void write(ObjectWriter& out, const PromoteResult& result) {
  out.member("memory_id", result.memory_id);
  out.member("score", result.score);
  out.member("criteria", result.criteria);
  out.member("ltm_path", result.ltm_path);
  if (!result.note_digest.empty()) out.member("note_digest", result.note_digest);
}

void write(ObjectWriter& out, const RelationsResult& result) {
  out.member("source_id", result.source_id);
  out.member("target_id", result.target_id);
  out.member("strength", result.strength);
  out.member("shared_entities", result.shared_entities);
  out.member("shared_tags", result.shared_tags);
  out.member("similarity", result.similarity);
}

void write_outcome(ObjectWriter& out, const FindingOutcome& outcome) {
  out.member("outcome", to_string(outcome.outcome));
  out.member("decision", to_string(outcome.decision));
  out.member("confidence", outcome.confidence);
  if (!outcome.task_id.empty()) out.member("task_id", outcome.task_id);
  out.member("reason", outcome.reason);
  if (!outcome.error.empty()) out.member("error", outcome.error);
}

template <class T>
void append(std::string& text, const T& result) {
  ObjectWriter out(text);
  write(out, result);
  write_outcome(out, result);
  out.close();
}

template <class T>
void write_all(ObjectWriter& out, std::string_view name, const std::vector<T>& results) {
  json::append_array(out.key(name), results, append<T>);
}

}  // namespace

std::string result_json(const FindingResult& result) {
  std::string text;
  std::visit([&](const auto& kind) { append(text, kind); }, result);
  return text;
}

std::string relation_notes(const RelationsResult& result) {
  std::string text;
  ObjectWriter out(text);
  out.member("agent", "relations");
  out.member("reasoning", result.reason);
  out.member("shared_entities", result.shared_entities);
  out.member("similarity", result.similarity);
  out.close();
  return text;
}

}  // namespace tulving::consolidation

namespace tulving {

std::string to_json(const ConsolidationReport& report) {
  std::string text;
  json::ObjectWriter out(text);
  if (report.plan_id.is_nil()) {
    out.key("plan_id") += "null";
  } else {
    out.member("plan_id", report.plan_id);
  }
  out.member("dry_run", report.dry_run);
  consolidation::write_all(out, "decay", report.decay);
  consolidation::write_all(out, "cluster", report.cluster);
  consolidation::write_all(out, "merge", report.merge);
  consolidation::write_all(out, "promote", report.promote);
  consolidation::write_all(out, "relations", report.relations);
  out.member("changes", report.changes);
  out.member("replanned", report.replanned);
  out.member("miss_rate", report.miss_rate);
  out.member("results_kept", report.results_kept);
  out.member("stopped", report.stopped);
  if (report.dry_run) {
    json::append_array(
        out.key("preview"), report.preview,
        [](std::string& to, const FindingPreview& preview) { to += to_json(preview); });
  }
  out.close();
  return text;
}

}  // namespace tulving
