#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"

namespace tulving::tools {

namespace {

/// A line for each line of the text, the label before the first: text can look like no other line.
void print_labelled(std::string_view label, std::string_view text) {
  do {
    const std::size_t end = std::min(text.find('\n'), text.size());
    fmt::print("  {:10}{}\n", label, shown(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    label = "";
  } while (!text.empty());
}

void print_input(const AnswerView& memory) {
  print_labelled("from", memory["is_missing"].is_true()
                             ? fmt::format("{}  (is not here)", name_of(memory))
                             : fmt::format("{}  {}  {}", name_of(memory),
                                           memory["created_at"].text(), memory["text"].text()));
}

std::string outcome_text(const std::string& outcome) {
  return outcome == "waiting" ? "waits for a person" : outcome;
}

/// The relation's ends by the names that stand above it.
std::string ends_of(const AnswerView& relation, const std::vector<AnswerView>& inputs) {
  const auto name = [&](const std::string& id) {
    for (const AnswerView& memory : inputs) {
      if (memory["id"].text() == id) return name_of(memory);
    }
    return id;
  };
  return fmt::format("{} -{}-> {}", name(relation["source_id"].text()),
                     relation["relation_type"].text(), name(relation["target_id"].text()));
}

void print_heading(const AnswerView& preview) {
  std::string line = fmt::format("{}: {}, {}", preview["agent"].text(), preview["action"].text(),
                                 outcome_text(preview["outcome"].text()));
  if (preview["confidence"])
    line += fmt::format(", confidence {:.2f}", preview["confidence"].number());
  if (preview["task_id"]) line += ", task " + preview["task_id"].text();
  fmt::print("{}\n", shown(line));
}

bool is_fading(const AnswerView& preview) { return preview["agent"].text() == "decay"; }

// What fades are many, of a line each.
void print_fading(const std::vector<AnswerView>& previews) {
  Table table({"FADING", "ACTION", "OUTCOME", "TEXT"});
  bool is_empty = true;
  for (const AnswerView& preview : previews) {
    const auto inputs = preview["inputs"].elements();
    if (!is_fading(preview) || inputs.empty()) continue;
    is_empty = false;
    table.add_row({name_of(inputs.front()), preview["action"].text(),
                   outcome_text(preview["outcome"].text()),
                   one_line(inputs.front()["text"].text(), 200)});
  }
  if (is_empty) return;
  fmt::print("\n");
  table.print();
}

}  // namespace

void print_preview(const AnswerView& preview, bool with_error) {
  const auto inputs = preview["inputs"].elements();
  for (const AnswerView& memory : inputs) print_input(memory);
  if (preview["merged"]) print_labelled("becomes", preview["merged"]["text"].text());
  for (const AnswerView& sentence : preview["conflicts"].elements()) {
    print_labelled("conflict", sentence.text());
  }
  for (const AnswerView& relation : preview["relations"].elements()) {
    print_labelled("relation", ends_of(relation, inputs));
  }
  if (preview["note_path"]) print_labelled("note", preview["note_path"].text());
  if (preview["reason"]) print_labelled("why", preview["reason"].text());
  if (with_error && preview["error"]) print_labelled("error", preview["error"].text());
}

void print_previews(const AnswerView& all) {
  const auto previews = all.elements();
  for (const AnswerView& preview : previews) {
    if (is_fading(preview)) continue;
    fmt::print("\n");
    print_heading(preview);
    print_preview(preview, true);
  }
  print_fading(previews);
}

}  // namespace tulving::tools
