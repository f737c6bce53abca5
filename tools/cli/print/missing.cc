#include "tools/cli/print/missing.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tools/cli/print/output.h"
#include "tools/cli/usage.h"

namespace tulving::tools {

namespace {

// A file of queries asks for the same again and again.
void report_once(const std::string& message) {
  static std::set<std::string> told;
  if (told.insert(message).second) report(message);
}

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
  if (!page || page->matching > 0) return true;  // What is wrong with it, the command says.
  return field == Field::kSessionId && tenant.get_session(name);
}

void collect_names(const Filter& filter, std::set<std::pair<Field, std::string>>& names) {
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

void tell_missing_tenant(const Store& store, const std::string& tenant_id) {
  const std::vector<std::string> tenants = store.tenants();
  if (std::ranges::find(tenants, tenant_id) != tenants.end()) return;
  const std::string meant = nearest(tenant_id, tenants);
  report_once(fmt::format("the store has no tenant \"{}\"{}", tenant_id,
                          meant.empty() ? "; tulving tenants lists those it has"
                                        : fmt::format("; did you mean \"{}\"?", meant)));
}

void tell_missing_names(const Tenant& tenant, const Filter& filter) {
  static std::set<std::tuple<std::string, Field, std::string>> looked_for;
  std::set<std::pair<Field, std::string>> names;
  collect_names(filter, names);
  for (const auto& [field, name] : names) {
    if (!looked_for.emplace(tenant.id(), field, name).second) continue;
    if (is_there(tenant, field, name)) continue;
    report_once(fmt::format("no memory of tenant \"{}\" has the {} \"{}\"", tenant.id(),
                            word_for(field), name));
  }
}

void tell_missing_project(const Tenant& tenant, const std::string& project_id) {
  if (!project_id.empty()) tell_missing_names(tenant, equals(Field::kProjectId, project_id));
}

void tell_unsearchable(const Tenant& tenant, const SearchRequest& request,
                       const SearchResponse& response) {
  if (response.text_unsearchable) {
    report_once(fmt::format("the text \"{}\" has no word to look for: stop words or signs alone",
                            request.text.value_or("")));
  }
  if (!response.vector_unsearchable) return;
  const std::string models = models_of(tenant);
  if (models.empty()) {
    report_once(fmt::format("tenant \"{}\" has no vectors to compare with", tenant.id()));
  } else {
    report_once(fmt::format("tenant \"{}\" has no vector of model \"{}\"; it has some of {}",
                            tenant.id(), request.model, models));
  }
}

}  // namespace tulving::tools
