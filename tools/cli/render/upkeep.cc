#include <fmt/core.h>

#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"

namespace tulving::tools {

namespace {

constexpr std::size_t kFadingTextColumns = 200;

std::string until_text(const AnswerView& until) {
  if (!until) return "never";
  if (until.text() == "0") return "already";
  const double seconds = until.number();
  return seconds < 2 * 86'400 ? fmt::format("in {:.1f} hours", seconds / 3600)
                              : fmt::format("in {:.1f} days", seconds / 86'400);
}

void add_rows(Table& table, const char* what, const std::vector<AnswerView>& items) {
  for (const AnswerView& item : items) {
    table.add_row({item["tenant_id"].text(), item["id"].text(), what, item["reason"].text(),
                   item["since"].text()});
  }
}

}  // namespace

void print_decay(const AnswerView& answer, const Asked& /*asked*/) {
  print_fields({{"score", fmt::format("{:.4f}", answer["score"].number())},
                {"unclamped", fmt::format("{:.4f}", answer["unclamped"].number())},
                {"in danger", until_text(answer["seconds_until_danger"])},
                {"near forget", until_text(answer["seconds_until_near_forget"])},
                {"urgent", until_text(answer["seconds_until_forget"])},
                {"at", answer["at"].text()}});
}

void print_decay_scores(const AnswerView& answer, const Asked& asked) {
  Table table({"ID", "SCORE", "STRENGTH", "USES", "TEXT"});
  const auto memories = answer["memories"].elements();
  for (const AnswerView& memory : memories) {
    table.add_row({name_of(memory), fmt::format("{:.4f}", memory["score"].number()),
                   fmt::format("{:.2f}", memory["strength"].number()), memory["use_count"].text(),
                   one_line(text_of(asked, memory["id"].text()).value_or(""), kFadingTextColumns)});
  }
  table.print();
  const AnswerView counts = answer["counts"];
  fmt::print(
      "{} of {} matching; of {} visible memories {} are urgent, {} near it and {} in danger\n",
      memories.size(), answer["matching"].text(), counts["memories"].text(),
      counts["urgent"].text(), counts["near_forget"].text(), counts["in_danger"].text());
}

void print_collected(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"TENANT", "ID", "WHAT", "WHY", "SINCE"});
  const char* what = answer["dry_run"].is_true() ? "would go" : "deleted";
  const auto deleted = answer["deleted"].elements();
  const auto kept = answer["kept"].elements();
  // A tenant's together: what goes, then what stays.
  auto gone = deleted.begin();
  auto stays = kept.begin();
  while (gone != deleted.end() || stays != kept.end()) {
    const std::string tenant =
        std::min(gone == deleted.end() ? (*stays)["tenant_id"].text() : (*gone)["tenant_id"].text(),
                 stays == kept.end() ? (*gone)["tenant_id"].text() : (*stays)["tenant_id"].text());
    const auto is_of = [&](const AnswerView& item) { return item["tenant_id"].text() == tenant; };
    for (; gone != deleted.end() && is_of(*gone); ++gone) add_rows(table, what, {*gone});
    for (; stays != kept.end() && is_of(*stays); ++stays) add_rows(table, "stays", {*stays});
  }
  table.print();
  fmt::print("{} {}, {} stay\n", deleted.size(), what, kept.size());
}

void print_notes(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"TENANT", "NOTE", "WHAT", "WHY"});
  const auto changes = answer["changes"].elements();
  for (const AnswerView& note : changes) {
    table.add_row({note["tenant_id"].text(), note["vault"].text() + "/" + note["path"].text(),
                   note["event"].text(), note["reason"].text()});
  }
  if (!changes.empty()) table.print();
  fmt::print("{} {}, {} as they should be, {} of others\n", changes.size(),
             answer["dry_run"].is_true() ? "to do" : "changes", answer["current"].text(),
             answer["others"].text());
}

void print_jobs(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"JOB", "CREATED", "PROJECT", "STATUS", "PROGRESS", "ERRORS"});
  for (const AnswerView& job : answer["jobs"].elements()) {
    table.add_row({job["id"].text(), job["created_at"].text(), job["project_id"].text(),
                   job["status"].text(), fmt::format("{:.0f} %", 100 * job["progress"].number()),
                   std::to_string(job["errors"].elements().size())});
  }
  table.print();
}

void print_job(const AnswerView& job, const Asked& /*asked*/) {
  const AnswerView metrics = job["metrics"];
  fmt::print(
      "job {} is {}: {} memories looked at, {} patterns, {} memories in {} merges, {} "
      "principles\n",
      job["id"].text(), job["status"].text(), metrics["memories_processed"].text(),
      metrics["patterns_extracted"].text(), metrics["memories_merged"].text(),
      metrics["merges_made"].text(), metrics["principles_created"].text());
  for (const AnswerView& plan : job["plan_ids"].elements()) fmt::print("plan {}\n", plan.text());
  for (const AnswerView& error : job["errors"].elements()) report(error.text());
}

int exit_code_of_job(const AnswerView& job) { return job["status"].text() == "failed" ? 1 : 0; }

}  // namespace tulving::tools
