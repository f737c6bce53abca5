#include <fmt/core.h>

#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"

namespace tulving::tools {

namespace {

std::string bytes(const AnswerView& value) { return human_bytes(value.count()); }

std::string embedding(const AnswerView& of) {
  if (!of) return "none";
  std::string text = fmt::format("{}: {} pending, {} refused", of["model"].text(),
                                 of["pending"].text(), of["failed"].text());
  if (of["last_error"]) text += "; " + of["last_error"].text();
  return text;
}

}  // namespace

void print_stats(const AnswerView& stats, const Asked& /*asked*/) {
  print_fields({
      {"revision", stats["revision"].text()},
      {"incarnation", stats["incarnation"] ? stats["incarnation"].text() : "none"},
      {"durable revision", stats["durable_revision"].text()},
      {"memories", stats["memories"].text()},
      {"without a vector", stats["without_vector"].text()},
      {"bytes per memory", fmt::format("{:.0f}", stats["bytes_per_memory"].number())},
      {"RAM", bytes(stats["ram_bytes"])},
      {"disk", bytes(stats["disk_bytes"])},
      {"erased, remembered", stats["tombstones"].text()},
      {"indexing", stats["indexing_caught_up"].is_true() ? "caught up" : "behind"},
      {"embedding", embedding(stats["embedding"])},
  });
  fmt::print("\n");
  Table tenants({"TENANT", "MEMORIES", "NO VECTOR", "SESSIONS", "RELATIONS", "TERMS", "RECORDS",
                 "TEXT INDEX", "ATTRIBUTES"});
  Table vectors({"TENANT", "MODEL", "DIM", "VECTORS", "IN GRAPH", "DEAD", "BYTES"});
  bool any_vectors = false;
  for (const AnswerView& tenant : stats["tenants"].elements()) {
    const std::string id = tenant["tenant_id"].text();
    tenants.add_row({id, tenant["memories"].text(), tenant["without_vector"].text(),
                     tenant["sessions"].text(), tenant["relations"].text(), tenant["terms"].text(),
                     bytes(tenant["record_bytes"]), bytes(tenant["text_bytes"]),
                     bytes(tenant["attribute_bytes"])});
    for (const AnswerView& model : tenant["vectors"].elements()) {
      any_vectors = true;
      vectors.add_row({id, model["model"].text(), model["dim"].text(), model["vectors"].text(),
                       model["in_graph"].text(), model["tombstones"].text(),
                       bytes(model["bytes"])});
    }
  }
  tenants.print();
  if (!any_vectors) return;
  fmt::print("\n");
  vectors.print();
}

void print_verified(const AnswerView& answer, const Asked& /*asked*/) {
  const std::size_t problems = answer["problems"].elements().size();
  fmt::print("{} records and {} vectors checked: {}\n", answer["records_checked"].text(),
             answer["vectors_checked"].text(),
             problems == 0 ? "sound" : fmt::format("{} problems", problems));
}

int exit_code_of_problems(const AnswerView& answer) {
  const auto problems = answer["problems"].elements();
  for (const AnswerView& problem : problems) report(problem.text());
  return problems.empty() ? 0 : 1;
}

void print_manifest(const char* done, const AnswerView& manifest) {
  fmt::print("{} revision {}", done, manifest["revision"].text());
  if (manifest["since"]) fmt::print(", changes since {}", manifest["since"].text());
  fmt::print(", {}\n", bytes(manifest["bytes"]));
  std::vector<std::pair<std::string, std::string>> counts;
  for (const auto& [kind, count] : manifest["counts"].members()) {
    counts.emplace_back(kind, count.text());
  }
  print_fields(counts);
}

void print_tenants(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"TENANT", "MEMORIES", "SESSIONS", "RELATIONS", "MODELS"});
  for (const AnswerView& tenant : answer["tenants"].elements()) {
    std::string models;
    for (const AnswerView& model : tenant["models"].elements()) {
      models += (models.empty() ? "" : ", ") + model["model"].text();
    }
    table.add_row({tenant["tenant_id"].text(), tenant["memories"].text(), tenant["sessions"].text(),
                   tenant["relations"].text(), models});
  }
  table.print();
}

void print_dropped(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("dropped tenant {}, which had {} memories\n", answer["tenant_id"].text(),
             answer["memories"].text());
  for (const AnswerView& vault : answer["vaults"].elements()) {
    fmt::print("its notes stay in {}\n", vault.text());
  }
}

void print_holdable(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("{} records can be held\n", answer["held"].text());
  for (const AnswerView& reason : answer["reasons"].elements()) {
    fmt::print("{} not ({}): {}\n", reason["records"].text(), reason["kind"].text(),
               reason["reason"].text());
  }
  if (answer["unheld"].elements().empty()) return;
  Table table({"KIND", "ID", "REASON"});
  for (const AnswerView& record : answer["unheld"].elements()) {
    table.add_row({record["kind"].text(), record["id"].text(), record["reason"].text()});
  }
  table.print();
}

void print_reembedded(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("{}: {} vectors made, {} refused, {} left\n", answer["model"].text(),
             answer["made"].text(), answer["refused"].text(), answer["left"].text());
  if (answer["last_error"]) fmt::print("{}\n", answer["last_error"].text());
}

void print_changes(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"REVISION", "TENANT", "KIND", "ID", "CHANGE"});
  for (const AnswerView& change : answer["changes"].elements()) {
    table.add_row({change["revision"].text(), change["tenant_id"].text(), change["kind"].text(),
                   change["id"].text(), change["erased"].is_true() ? "erased" : "written"});
  }
  table.print();
  if (!answer["is_last"].is_true()) {
    fmt::print("next page: --since {}", answer["revision"].text());
    if (answer["incarnation"]) fmt::print(" --incarnation {}", answer["incarnation"].text());
    fmt::print("\n");
  }
}

}  // namespace tulving::tools
