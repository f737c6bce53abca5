#include "core/operations/remarks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <type_traits>
#include <utility>

namespace tulving::operations {

namespace {

using Names = std::set<std::pair<Field, std::string>>;

const char* word_for(Field field) {
  switch (field) {
    case Field::kAgentId:
      return "agent";
    case Field::kUserId:
      return "user";
    case Field::kProjectId:
      return "project";
    case Field::kSessionId:
      return "session";
    case Field::kTaskId:
      return "task";
    case Field::kStageId:
      return "stage";
    default:
      return nullptr;  // Not the name of a thing that is or is not there.
  }
}

bool is_there(const Tenant& tenant, Field field, const std::string& name) {
  ListRequest request;
  request.filter = equals(field, name);
  request.limit = 1;
  request.include_archived = request.include_deleted = request.include_expired = true;
  const auto page = tenant.list(request);
  if (!page || page->matching > 0) return true;  // What is wrong with it, the call says.
  return field == Field::kSessionId && tenant.get<Session>(name);
}

void collect_names(const Filter& filter, Names& names) {
  const auto visit = [&](const auto& node) {
    using Node = std::decay_t<decltype(node)>;
    if constexpr (std::is_same_v<Node, AllOf> || std::is_same_v<Node, AnyOf>) {
      for (const Filter& part : node.parts) collect_names(part, names);
    } else if constexpr (std::is_same_v<Node, Not>) {
      for (const Filter& part : node.part) collect_names(part, names);
    } else if constexpr (std::is_same_v<Node, FieldIn>) {
      if (word_for(node.field) == nullptr) return;
      for (const std::string& value : node.values) names.emplace(node.field, value);
    }
  };
  std::visit(visit, filter.node);
}

std::string models_of(const Tenant& tenant) {
  std::vector<std::string> names;
  for (const VectorStats& model : tenant.stats().vectors) {
    if (model.vectors > 0) names.push_back('"' + model.model + '"');
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

void remark_missing_names(const Tenant& tenant, const Filter& filter, Remarks& remarks,
                          LookedFor* before) {
  Names names;
  collect_names(filter, names);
  for (const auto& [field, name] : names) {
    if (before != nullptr && !before->emplace(tenant.id(), field, name).second) continue;
    if (is_there(tenant, field, name)) continue;
    remarks.push_back(fmt::format("no memory of tenant \"{}\" has the {} \"{}\"", tenant.id(),
                                  word_for(field), name));
  }
}

void remark_missing_project(const Tenant& tenant, const std::string& project_id, Remarks& remarks) {
  if (project_id.empty()) return;
  remark_missing_names(tenant, equals(Field::kProjectId, project_id), remarks);
}

void remark_unsearchable(const Tenant& tenant, const SearchRequest& request,
                         const SearchResponse& response, Remarks& remarks) {
  if (response.text_unsearchable) {
    remarks.push_back(
        fmt::format("the text \"{}\" has no word to look for: stop words or signs alone",
                    request.text.value_or("")));
  }
  if (!response.embedding_error.empty()) {
    remarks.push_back("looked for the words alone: " + well_formed(response.embedding_error));
  }
  if (!response.vector_unsearchable) return;
  const std::string models = models_of(tenant);
  remarks.push_back(
      models.empty() ? fmt::format("tenant \"{}\" has no vectors to compare with", tenant.id())
                     : fmt::format("tenant \"{}\" has no vector of model \"{}\"; it has some of {}",
                                   tenant.id(), request.model, models));
}

void remark_notes(const NotesReport& notes, Remarks& remarks) {
  for (const NoteChange& note : notes.changes) {
    if (note.event == NoteEvent::kKept) continue;
    remarks.push_back(fmt::format("note {}/{} {}: {}", note.vault, note.path, to_string(note.event),
                                  note.reason));
  }
  for (const std::string& problem : notes.problems) remarks.push_back(problem);
}

}  // namespace tulving::operations
