
#include "core/json/record/field_table.h"
#include "core/json/text/json_writer.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/model/names/task_labels.h"

// Tasks, plans, jobs and lineage, for programs to read: members are named as in the structs, and
// what is not set is left out.

namespace tulving {
namespace {

using json::ObjectWriter;

template <class T>
void member_if(ObjectWriter& out, std::string_view name, const std::optional<T>& value) {
  if (value) out.member(name, *value);
}

void member_if(ObjectWriter& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out.member(name, text);
}

void object_if(ObjectWriter& out, std::string_view name, const std::string& json_object) {
  if (!json_object.empty()) json::append_on_one_line(out.key(name), json_object);
}

template <class T>
void array(ObjectWriter& out, std::string_view name, const std::vector<T>& values,
           void (*write)(ObjectWriter&, const T&)) {
  json::append_array(out.key(name), values, [write](std::string& text, const T& value) {
    ObjectWriter object(text);
    write(object, value);
    object.close();
  });
}

template <class T>
std::string object(const T& value, void (*write)(ObjectWriter&, const T&)) {
  std::string text;
  ObjectWriter out(text);
  write(out, value);
  out.close();
  return text;
}

void write_task(ObjectWriter& out, const ConsolidationTask& task) {
  ConsolidationTask shown = task;
  shown.labels = model::labels_of(task);
  json::write_fields(out, shown, json::Shown::kAll);
}

// What a plan and its summary both have.
void write_head(ObjectWriter& out, const auto& plan) {
  out.member("id", plan.id);
  out.member("origin", plan.origin);
  out.member("status", plan.status);
  member_if(out, "created_at", plan.created_at);
  member_if(out, "applied_at", plan.applied_at);
  member_if(out, "undone_at", plan.undone_at);
}

void write_summary(ObjectWriter& out, const PlanSummary& plan) {
  write_head(out, plan);
  out.member("items", plan.items);
  out.member("changes", plan.changes);
  out.member("revision", plan.revision);
}

void write_input(ObjectWriter& out, const PlanInput& input) {
  out.member("id", input.id);
  out.member("revision", input.revision);
}

void write_item(ObjectWriter& out, const PlanItem& item) {
  out.member("agent", item.agent);
  out.member("action", item.action);
  array(out, "inputs", item.inputs, &write_input);
  member_if(out, "confidence", item.confidence);
  out.member("decision", item.decision);
  out.member("outcome", item.outcome);
  member_if(out, "task_id", item.task_id);
  member_if(out, "reason", item.reason);
  object_if(out, "result", item.result);
  member_if(out, "error", item.error);
}

void write_side(ObjectWriter& out, std::string_view name,
                const std::optional<PlannedRecord>& side) {
  std::string& text = out.key(name);
  if (!side) {
    text += "null";
  } else if (const auto* task = std::get_if<ConsolidationTask>(&*side)) {
    text += to_json(*task);
  } else {
    text += std::visit([](const auto& record) { return to_json_line({}, record); }, *side);
  }
}

void write_change(ObjectWriter& out, const PlanChange& change) {
  if (const auto& record = change.after ? change.after : change.before) {
    std::visit(
        [&]<class Record>(const Record& kind) {
          out.member("kind", kinds::Kind<Record>::name);
          out.member("id", kinds::key_of(kind));
        },
        *record);
  }
  write_side(out, "before", change.before);
  write_side(out, "after", change.after);
}

void write_plan(ObjectWriter& out, const Plan& plan) {
  write_head(out, plan);
  out.member("agents", plan.agents);
  array(out, "items", plan.items, &write_item);
  array(out, "changes", plan.changes, &write_change);
  if (!plan.erased.empty()) out.member("erased", plan.erased);
  out.member("revision", plan.revision);
}

void write_job(ObjectWriter& out, const ConsolidationJob& job) {
  json::write_fields(out, job, json::Shown::kAll);
}

void write_link(ObjectWriter& out, const LineageLink& link) {
  out.member("source_id", link.source_id);
  out.member("derived_id", link.derived_id);
  out.member("kind", link.kind);
  out.member("depth", link.depth);
  member_if(out, "similarity", link.similarity);
}

void write_lineage(ObjectWriter& out, const Lineage& lineage) {
  out.member("id", lineage.id);
  array(out, "sources", lineage.sources, &write_link);
  array(out, "derived", lineage.derived, &write_link);
}

}  // namespace

std::string to_json(const ConsolidationTask& task) { return object(task, &write_task); }
std::string to_json(const PlanSummary& plan) { return object(plan, &write_summary); }
std::string to_json(const Plan& plan) { return object(plan, &write_plan); }
std::string to_json(const ConsolidationJob& job) { return object(job, &write_job); }
std::string to_json(const Lineage& lineage) { return object(lineage, &write_lineage); }

}  // namespace tulving
