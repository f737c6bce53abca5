#include "tools/cli/print/print_preview.h"

#include <fmt/core.h>

#include <algorithm>

namespace tulving::tools {

namespace {

std::string name_of(const PreviewedMemory& memory) {
  return memory.external_id.empty() ? memory.id.to_string() : memory.external_id;
}

/// A line for each line of the text, the label before the first: text can look like no other line.
void print_labelled(std::string_view label, std::string_view text) {
  do {
    const std::size_t end = std::min(text.find('\n'), text.size());
    fmt::print("  {:10}{}\n", label, shown(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    label = "";
  } while (!text.empty());
}

void print_input(const PreviewedMemory& memory) {
  print_labelled(
      "from", memory.is_missing
                  ? fmt::format("{}  (is not here)", name_of(memory))
                  : fmt::format("{}  {}  {}", name_of(memory),
                                memory.created_at ? format_time(*memory.created_at) : std::string(),
                                memory.text));
}

std::string outcome_text(ItemOutcome outcome) {
  switch (outcome) {
    case ItemOutcome::kWaiting:
      return "waits for a person";
    case ItemOutcome::kFailed:
      return "failed";
    default:
      return std::string(to_string(outcome));
  }
}

/// The relation's ends by the names that stand above it.
std::string ends_of(const Relation& relation, const std::vector<PreviewedMemory>& inputs) {
  const auto name = [&](const Uuid& id) {
    const auto found = std::ranges::find(inputs, id, &PreviewedMemory::id);
    return found == inputs.end() ? id.to_string() : name_of(*found);
  };
  return fmt::format("{} -{}-> {}", name(relation.source_id), relation.relation_type,
                     name(relation.target_id));
}

void print_heading(const FindingPreview& preview) {
  std::string line = fmt::format("{}: {}, {}", to_string(preview.agent), preview.action,
                                 outcome_text(preview.outcome));
  if (preview.confidence) line += fmt::format(", confidence {:.2f}", *preview.confidence);
  if (!preview.task_id.empty()) line += ", task " + preview.task_id;
  fmt::print("{}\n", shown(line));
}

// What fades are many, of a line each.
void print_fading(const std::vector<FindingPreview>& previews) {
  Table table({"FADING", "ACTION", "OUTCOME", "TEXT"});
  bool is_empty = true;
  for (const FindingPreview& preview : previews) {
    if (preview.agent != UpkeepAgent::kDecay || preview.inputs.empty()) continue;
    is_empty = false;
    const PreviewedMemory& memory = preview.inputs.front();
    table.add_row({name_of(memory), preview.action, outcome_text(preview.outcome),
                   one_line(memory.text, 200)});
  }
  if (is_empty) return;
  fmt::print("\n");
  table.print();
}

}  // namespace

void print_preview(const FindingPreview& preview) {
  for (const PreviewedMemory& memory : preview.inputs) print_input(memory);
  if (preview.merged) print_labelled("becomes", preview.merged->text);
  for (const std::string& sentence : preview.conflicts) print_labelled("conflict", sentence);
  for (const Relation& relation : preview.relations) {
    print_labelled("relation", ends_of(relation, preview.inputs));
  }
  if (!preview.note_path.empty()) print_labelled("note", preview.note_path);
  if (!preview.reason.empty()) print_labelled("why", preview.reason);
  if (!preview.error.empty()) print_labelled("error", preview.error);
}

void print_previews(const std::vector<FindingPreview>& previews) {
  for (const FindingPreview& preview : previews) {
    if (preview.agent == UpkeepAgent::kDecay) continue;
    fmt::print("\n");
    print_heading(preview);
    print_preview(preview);
  }
  print_fading(previews);
}

JsonText previews_text(const std::vector<FindingPreview>& previews) {
  std::vector<JsonText> all;
  all.reserve(previews.size());
  for (const FindingPreview& preview : previews) all.push_back({to_json(preview)});
  return array_text(all);
}

}  // namespace tulving::tools
