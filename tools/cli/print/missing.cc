#include "tools/cli/print/missing.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "tools/cli/print/output.h"
#include "tools/cli/usage.h"

namespace tulving::tools {

void report_once(const std::string& message) {
  static std::set<std::string> told;
  if (told.insert(message).second) report(message);
}

void tell_missing_tenant(const Store& store, const std::string& tenant_id) {
  const std::vector<std::string> tenants = store.tenants();
  if (std::ranges::find(tenants, tenant_id) != tenants.end()) return;
  const std::string meant = nearest(tenant_id, tenants);
  report_once(fmt::format("the store has no tenant \"{}\"{}", tenant_id,
                          meant.empty() ? "; tulving tenants lists those it has"
                                        : fmt::format("; did you mean \"{}\"?", meant)));
}

}  // namespace tulving::tools
