#include <fmt/core.h>

#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"

namespace tulving::tools {

namespace {

std::string part(const AnswerView& value) {
  return value ? fmt::format("{:.4f}", value.real()) : "-";
}

/// Of a search by recency the time is the score.
std::string score_of(const AnswerView& hit) {
  const AnswerView score = hit["score"];
  return score.is_text() ? score.text() : fmt::format("{:.4f}", score.real());
}

void print_explained(const std::vector<AnswerView>& hits) {
  // VECTOR + TEXT + CONTEXT = RELEVANCE; times DECAY, PRIORITY and RECENCY it is the SCORE.
  Table table({"SCORE", "COSINE", "BM25", "VECTOR", "TEXT", "CONTEXT", "RELEVANCE", "DECAY",
               "PRIORITY", "RECENCY", "ID"});
  for (const AnswerView& hit : hits) {
    const AnswerView parts = hit["explain"];
    table.add_row({score_of(hit), part(parts["cosine"]), part(parts["bm25"]),
                   part(parts["vector_part"]), part(parts["text_part"]),
                   part(parts["context_part"]), part(parts["relevance"]),
                   part(parts["decay_factor"]), part(parts["priority_factor"]),
                   part(parts["recency_factor"]), name_of(hit)});
  }
  table.print();
}

void print_search_plan(const AnswerView& plan) {
  print_fields({{"vector", plan["vector_plan"].text()},
                {"text", plan["text_plan"].text()},
                {"vector weight", fmt::format("{:.2f}", plan["vector_weight"].real())},
                {"text weight", fmt::format("{:.2f}", plan["text_weight"].real())},
                {"matching", plan["matching"].text()},
                {"vectors scored", plan["vectors_scored"].text()},
                {"postings read", plan["postings_read"].text()},
                {"clock", plan["now"].text()},
                {"revision", plan["revision"].text()}});
}

}  // namespace

void print_found(const AnswerView& answer) {
  const auto hits = answer["results"].elements();
  Table table({"SCORE", "ID", "TYPE", "CREATED", "TEXT"});
  for (const AnswerView& hit : hits) {
    table.add_row({score_of(hit), name_of(hit), hit["memory_type"].text(), hit["created_at"].text(),
                   one_line(hit["text"].text(), 200)});
  }
  table.print();
  if (answer["plan"]) {
    fmt::print("\n");
    print_explained(hits);
    fmt::print("\n");
    print_search_plan(answer["plan"]);
  }
  if (answer["approximate"].is_true()) {
    fmt::print("approximate: a nearer memory may have been missed\n");
  }
  if (answer["partial"].is_true()) fmt::print("partial: the deadline struck first\n");
}

void print_response(const AnswerView& answer, const Asked& /*asked*/) {
  print_found(answer);
  if (answer["microseconds"]) fmt::print("{:.0f} us\n", answer["microseconds"].number());
}

}  // namespace tulving::tools
