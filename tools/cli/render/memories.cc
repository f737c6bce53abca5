#include <fmt/core.h>

#include "tools/cli/call/operation_call.h"
#include "tools/cli/print/output.h"
#include "tools/cli/render/render.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

constexpr std::size_t kMemoryTextColumns = 200;

// A record's JSON leaves out what a field is by default.

std::string or_default(const AnswerView& value, std::string_view by_default) {
  return value ? value.text() : std::string(by_default);
}
std::string type_cell(const AnswerView& memory) {
  return or_default(memory["memory_type"], Memory().memory_type);
}
std::string priority_cell(const AnswerView& memory) {
  return or_default(memory["priority"], std::to_string(Memory().priority));
}
std::string status_cell(const AnswerView& memory) {
  return or_default(memory["status"], to_string(Memory().status));
}
std::string relation_type(const AnswerView& relation) {
  return or_default(relation["relation_type"], Relation().relation_type);
}

std::string text_cell(const AnswerView& memory) {
  return one_line(memory["text"].text(), kMemoryTextColumns);
}

void print_links(const Asked& asked, const char* heading, const AnswerView& links,
                 std::string_view end) {
  const auto all = links.elements();
  if (all.empty()) return;
  Table table({heading, "DEPTH", "LINK", "SIMILARITY", "TEXT"});
  for (const AnswerView& link : all) {
    const std::string id = link[end].text();
    table.add_row({id, link["depth"].text(), link["kind"].text(),
                   link["similarity"] ? fmt::format("{:.3f}", link["similarity"].number()) : "",
                   one_line(text_of(asked, id).value_or(""), kMemoryTextColumns)});
  }
  table.print();
}

}  // namespace

std::optional<std::string> text_of(const Asked& asked, const std::string& id) {
  OperationCall get("memory.get");
  get.text("tenant_id", asked["tenant_id"]).text("id", id);
  const auto memory = asked.service.call({}, get.call());
  if (!memory) return {};
  return AnswerView(memory->json)["text"].text();
}

void print_sessions(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"SESSION", "CREATED", "TYPE", "USER", "SUMMARY"});
  for (const AnswerView& session : answer["sessions"].elements()) {
    table.add_row({session["session_id"].text(), session["created_at"].text(),
                   or_default(session["session_type"], Session().session_type),
                   session["user_id"].text(),
                   one_line(session["summary"].text(), kMemoryTextColumns)});
  }
  table.print();
}

void print_session_written(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("{} {}, revision {}\n", shown(answer["session_id"].text()), answer["effect"].text(),
             answer["revision"].text());
}

void print_session_erased(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("erased {} and its memories\n", shown(answer["erased"].text()));
}

void print_written(const AnswerView& answer, const Asked& /*asked*/) {
  fmt::print("{} {}, revision {}\n", answer["id"].text(), answer["effect"].text(),
             answer["revision"].text());
  for (const AnswerView& id : answer["followed"].elements()) {
    fmt::print("{} was made of it, and has followed\n", id.text());
  }
}

void print_members(const AnswerView& answer, const Asked& /*asked*/) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : answer.members()) fields.emplace_back(name, value.text());
  print_fields(fields);
}

void print_records(const AnswerView& answer, const Asked& /*asked*/) {
  for (const auto& [name, page] : answer.members()) {
    for (const AnswerView& record : page.elements()) fmt::print("{}\n", record.text());
  }
  const std::string cursor = answer["next_cursor"].text();
  if (!cursor.empty()) fmt::print("next page: --cursor {}\n", cursor);
}

void print_page(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"ID", "CREATED", "TYPE", "PRIORITY", "STATUS", "TEXT"});
  const auto memories = answer["memories"].elements();
  for (const AnswerView& memory : memories) {
    table.add_row({name_of(memory), memory["created_at"].text(), type_cell(memory),
                   priority_cell(memory), status_cell(memory), text_cell(memory)});
  }
  table.print();
  fmt::print("{} of {} matching\n", memories.size(), answer["matching"].text());
  const std::string cursor = answer["next_cursor"].text();
  if (!cursor.empty()) fmt::print("next page: --cursor {}\n", cursor);
}

void print_values(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"VALUE", "MEMORIES"});
  const auto values = answer["values"].elements();
  for (const AnswerView& value : values) {
    table.add_row({one_line(value["value"].text(), kMemoryTextColumns), value["count"].text()});
  }
  table.print();
  fmt::print("{} of {} values, {} memories matching\n", values.size(), answer["distinct"].text(),
             answer["matching"].text());
}

void print_history(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"REVISION", "AT", "OPERATION", "PRIORITY", "STATUS", "TEXT"});
  for (const AnswerView& version : answer["history"].elements()) {
    const AnswerView memory = version["memory"];
    table.add_row({version["revision"].text(), version["at"].text(), version["operation"].text(),
                   priority_cell(memory), status_cell(memory), text_cell(memory)});
  }
  table.print();
}

void print_relation(const AnswerView& answer, const Asked& asked) {
  fmt::print("related {} -{}-> {}\n", shown(asked["source"]), relation_type(answer),
             shown(asked["target"]));
}

void print_removed_relation(const AnswerView& answer, const Asked& asked) {
  fmt::print("removed {} -{}-> {}\n", shown(asked["source"]), relation_type(answer["removed"]),
             shown(asked["target"]));
}

void print_related(const AnswerView& answer, const Asked& /*asked*/) {
  Table table({"ID", "HOPS", "STRENGTH", "TYPE", "TEXT"});
  for (const AnswerView& hit : answer["related"].elements()) {
    const AnswerView memory = hit["memory"];
    table.add_row({name_of(memory), hit["hops"].text(),
                   fmt::format("{:.3f}", hit["strength"].real()), hit["relation_type"].text(),
                   text_cell(memory)});
  }
  table.print();
}

void print_lineage(const AnswerView& answer, const Asked& asked) {
  print_links(asked, "MADE FROM", answer["sources"], "source_id");
  print_links(asked, "BECAME", answer["derived"], "derived_id");
  if (answer["sources"].elements().empty() && answer["derived"].elements().empty()) {
    fmt::print("{} was made from no other memory, and none from it\n", shown(asked["id"]));
  }
}

}  // namespace tulving::tools
