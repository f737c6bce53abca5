// tenants.

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"

namespace tulving::tools {

namespace {

struct TenantsCommand {};

Json models_json(const TenantStats& tenant) {
  Json models = Json::array();
  for (const VectorStats& model : tenant.vectors) {
    models.push_back(Json{{"model", model.model}, {"dim", model.dim}, {"vectors", model.vectors}});
  }
  return models;
}

std::string models_text(const TenantStats& tenant) {
  std::string text;
  for (const VectorStats& model : tenant.vectors) {
    text += (text.empty() ? "" : ", ") + model.model;
  }
  return text;
}

Result<int> run_tenants(const GlobalOptions& globals, const TenantsCommand&) {
  auto store = open_store(globals, Access::kRead);
  if (!store) return store.error();
  const StoreStats stats = store->stats();
  if (globals.json) {
    Json tenants = Json::array();
    for (const TenantStats& tenant : stats.tenants) {
      tenants.push_back(Json{{"tenant_id", tenant.tenant_id},
                             {"memories", tenant.memories},
                             {"by_status", tenant.by_status},
                             {"sessions", tenant.sessions},
                             {"relations", tenant.relations},
                             {"models", models_json(tenant)}});
    }
    print_json(Json{{"tenants", std::move(tenants)}});
    return kDone;
  }
  Table table({"TENANT", "MEMORIES", "SESSIONS", "RELATIONS", "MODELS"});
  for (const TenantStats& tenant : stats.tenants) {
    table.add_row({tenant.tenant_id, std::to_string(tenant.memories),
                   std::to_string(tenant.sessions), std::to_string(tenant.relations),
                   models_text(tenant)});
  }
  table.print();
  return kDone;
}

}  // namespace

void add_tenants_command(const CommandLine& line) {
  add_command(line.app, line, "tenants", "Lists the tenants and what each has",
              std::make_shared<TenantsCommand>(), run_tenants);
}

}  // namespace tulving::tools
