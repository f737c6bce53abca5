#pragma once

#include <vector>

#include "tools/cli/render/answer_view.h"
#include "tulving/operations.h"

namespace tulving::tools {

/// What was asked, and who can be asked more.
struct Asked {
  Service& service;
  AnswerView arguments;

  [[nodiscard]] std::string operator[](std::string_view parameter) const {
    return arguments[parameter].text();
  }
};

/// What a command shows of an answer.
struct Rendering {
  void (*print)(const AnswerView& answer, const Asked& asked) = nullptr;  ///< For people.
  /// The exit code that the answer calls for, told on stderr where it is another; null: kDone.
  int (*exit_code)(const AnswerView& answer) = nullptr;
};

// How people see an answer: one renderer an operation, or one for several that answer alike.

// Memories.
void print_relation(const AnswerView& answer, const Asked& asked);
void print_removed_relation(const AnswerView& answer, const Asked& asked);
void print_written(const AnswerView& answer, const Asked& asked);
/// An object's members as "name  value" lines, strings bare and anything else as JSON.
void print_members(const AnswerView& answer, const Asked& asked);
void print_page(const AnswerView& answer, const Asked& asked);
void print_values(const AnswerView& answer, const Asked& asked);
void print_history(const AnswerView& answer, const Asked& asked);
void print_related(const AnswerView& answer, const Asked& asked);
void print_lineage(const AnswerView& answer, const Asked& asked);
void print_response(const AnswerView& answer, const Asked& asked);
/// The hits of a search, or of a line of search.batch, without its time.
void print_found(const AnswerView& answer);

/// A page of records of any kind, a line of JSON each.
void print_records(const AnswerView& answer, const Asked& asked);

// Sessions.
void print_session_written(const AnswerView& answer, const Asked& asked);
void print_session_erased(const AnswerView& answer, const Asked& asked);
void print_sessions(const AnswerView& answer, const Asked& asked);

// The store.
void print_stats(const AnswerView& answer, const Asked& asked);
void print_verified(const AnswerView& answer, const Asked& asked);
void print_tenants(const AnswerView& answer, const Asked& asked);
void print_holdable(const AnswerView& answer, const Asked& asked);
void print_dropped(const AnswerView& answer, const Asked& asked);
void print_reembedded(const AnswerView& answer, const Asked& asked);
void print_changes(const AnswerView& answer, const Asked& asked);
/// Says the problems on stderr; there are some: a failure.
int exit_code_of_problems(const AnswerView& answer);
/// What a snapshot holds, behind "snapshot of" or "restored".
void print_manifest(const char* done, const AnswerView& manifest);

// Upkeep.
void print_decay(const AnswerView& answer, const Asked& asked);
void print_decay_scores(const AnswerView& answer, const Asked& asked);
void print_collected(const AnswerView& answer, const Asked& asked);
void print_notes(const AnswerView& answer, const Asked& asked);
void print_jobs(const AnswerView& answer, const Asked& asked);
void print_plans(const AnswerView& answer, const Asked& asked);
void print_plan(const AnswerView& answer, const Asked& asked);
void print_agent_results(const AnswerView& answer, const Asked& asked);
void print_plan_summary(const AnswerView& answer, const Asked& asked);
void print_tasks(const AnswerView& answer, const Asked& asked);
void print_task(const AnswerView& answer, const Asked& asked);
void print_claimed(const AnswerView& answer, const Asked& asked);
void print_changed_task(const AnswerView& answer, const Asked& asked);
void print_job(const AnswerView& answer, const Asked& asked);
/// A job all of whose phases failed is a failure of the command, which has told what it did.
int exit_code_of_job(const AnswerView& answer);

// Previews: of each finding what goes in, what comes out, and why.
void print_previews(const AnswerView& previews);
/// The memories of one finding and what becomes of them, a labelled line each.
void print_preview(const AnswerView& preview, bool with_error);

/// The text of the memory, or nothing where it is not here: by memory.get.
[[nodiscard]] std::optional<std::string> text_of(const Asked& asked, const std::string& id);

}  // namespace tulving::tools
