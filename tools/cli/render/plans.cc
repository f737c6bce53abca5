#include <fmt/core.h>

#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

constexpr std::size_t kPlanTextColumns = 200;

const char* effect_of(const AnswerView& change) {
  if (!change["before"]) return "made";
  return change["after"] ? "changed" : "taken away";
}

/// What people look for in a change: which record, and the first words of it.
std::string words_of(const std::string& kind, const AnswerView& record) {
  if (kind == "relation") {
    const AnswerView type = record["relation_type"];
    return fmt::format("{} -{}-> {}", record["source_id"].text(),
                       type ? type.text() : Relation().relation_type, record["target_id"].text());
  }
  const AnswerView status = record["status"];
  return fmt::format(
      "{}: {}", status ? status.text() : std::string(to_string(Memory().status)),
      one_line(record[kind == "memory" ? "text" : "title"].text(), kPlanTextColumns));
}

void print_findings(const std::vector<AnswerView>& findings) {
  Table table({"AGENT", "ACTION", "OUTCOME", "CONFIDENCE", "MEMORIES", "WHY"});
  for (const AnswerView& item : findings) {
    const AnswerView error = item["error"];
    table.add_row({item["agent"].text(), item["action"].text(), item["outcome"].text(),
                   item["confidence"] ? fmt::format("{:.2f}", item["confidence"].number()) : "",
                   std::to_string(item["inputs"].elements().size()),
                   one_line(error ? error.text() : item["reason"].text(), kPlanTextColumns)});
  }
  if (!findings.empty()) table.print();
}

}  // namespace

void print_plans(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"PLAN", "CREATED", "STATUS", "ORIGIN", "ITEMS", "CHANGES"});
  for (const AnswerView& plan : answer["plans"].elements()) {
    table.add_row({plan["id"].text(), plan["created_at"].text(), plan["status"].text(),
                   plan["origin"].text(), plan["items"].text(), plan["changes"].text()});
  }
  table.print();
}

void print_plan(const AnswerView& plan, const Asked& /*asked*/) {
  print_fields({{"id", plan["id"].text()},
                {"origin", plan["origin"].text()},
                {"status", plan["status"].text()},
                {"created", plan["created_at"].text()},
                {"applied", plan["applied_at"].text()},
                {"undone", plan["undone_at"].text()}});
  print_findings(plan["items"].elements());
  print_previews(plan["preview"]);
  fmt::print("\n");
  Table table({"CHANGE", "KIND", "ID", "WHAT"});
  bool any = false;
  for (const AnswerView& change : plan["changes"].elements()) {
    any = true;
    const AnswerView record = change["after"] ? change["after"] : change["before"];
    if (!record) continue;
    const std::string kind = change["kind"].text();
    table.add_row({effect_of(change), kind, change["id"].text(), words_of(kind, record)});
  }
  if (any) table.print();
}

void print_agent_results(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"AGENT", "DECISION", "CONFIDENCE", "MEMORIES", "TASK", "RESULT"});
  for (const AnswerView& result : answer["agent_results"].elements()) {
    table.add_row({result["agent"].text(), result["decision"].text(),
                   result["confidence"] ? fmt::format("{:.2f}", result["confidence"].number()) : "",
                   std::to_string(result["memory_ids"].elements().size()), result["task_id"].text(),
                   one_line(result["result"].text(), kPlanTextColumns)});
  }
  table.print();
}

void print_plan_summary(const AnswerView& plan, const Asked& /*asked*/) {
  fmt::print("{} plan {}, {} changes\n", plan["status"].text(), plan["id"].text(),
             plan["changes"].text());
}

}  // namespace tulving::tools
