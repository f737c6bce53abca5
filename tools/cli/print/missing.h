#pragma once

#include <string>

#include "tulving/search.h"
#include "tulving/store.h"

namespace tulving::tools {

// An empty answer may be a misspelt name. What a command that reads was asked about and the store
// does not have is said on stderr, once; the answer and the exit code stay as they are.

void tell_missing_tenant(const Store& store, const std::string& tenant_id);

/// The agents, users, projects, sessions, tasks and stages that the filter names and no memory of
/// the tenant has, deleted ones included.
void tell_missing_names(const Tenant& tenant, const Filter& filter);

/// The project of a job, where it is given and no memory of the tenant has it.
void tell_missing_project(const Tenant& tenant, const std::string& project_id);

/// What of the query could not be looked for.
void tell_unsearchable(const Tenant& tenant, const SearchRequest& request,
                       const SearchResponse& response);

}  // namespace tulving::tools
