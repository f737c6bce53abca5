#include <fmt/core.h>

#include "tools/cli/call/operation_call.h"
#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"

namespace tulving::tools {

namespace {

void print_line(const std::string& done, const AnswerView& task) {
  fmt::print("{} {}: {}\n", done, task["task_id"].text(), one_line(task["title"].text(), 200));
}

// What the task is about, in its memories' own words: a title says "merge 2 memories".
std::string words_about(const AnswerView& task, const Asked& asked) {
  constexpr std::size_t kTaskTextColumns = 90;
  std::string about;
  for (const AnswerView& id : task["memory_ids"].elements()) {
    const auto text = text_of(asked, id.text());
    about += (about.empty() ? "" : " | ") +
             one_line(text ? *text : fmt::format("({} is not here)", id.text()), kTaskTextColumns);
  }
  return one_line(about, 2 * kTaskTextColumns);
}

}  // namespace

void print_tasks(const AnswerView& answer, const Asked& asked) {
  Table table({"TASK", "PRIORITY", "URGENCY", "STATUS", "APPROVAL", "TITLE", "TEXT"});
  for (const AnswerView& task : answer["tasks"].elements()) {
    table.add_row({task["task_id"].text(), task["priority"].text(), task["urgency"].text(),
                   task["status"].text(), task["approval"].text(),
                   one_line(task["title"].text(), 200), words_about(task, asked)});
  }
  table.print();
}

void print_task(const AnswerView& answer, const Asked& asked) {
  OperationCall preview("queue.preview");
  preview.text("tenant_id", asked["tenant_id"]).text("task_id", asked["task_id"]);
  const auto previewed = asked.service.call({}, preview.call());
  print_members(answer, asked);
  if (!previewed) return;
  fmt::print("\n");
  print_preview(AnswerView(previewed->json), false);  // The error stands among the members.
}

void print_claimed(const AnswerView& answer, const Asked& /*asked*/) {
  if (answer) {
    print_line("claimed", answer);
  } else {
    fmt::print("no task waits\n");
  }
}

void print_changed_task(const AnswerView& answer, const Asked& /*asked*/) {
  print_line(answer["status"].text(), answer);
}

}  // namespace tulving::tools
