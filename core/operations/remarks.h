#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tulving/notes.h"
#include "tulving/search.h"
#include "tulving/store.h"

namespace tulving::operations {

// An empty answer may be a misspelt name. What a call was asked about and the tenant does not have
// is remarked beside the answer, which stays as it is.

using Remarks = std::vector<std::string>;
/// What was looked for before, as a stream asks for the same again and again.
using LookedFor = std::set<std::tuple<std::string, Field, std::string>>;

/// The agents, users, projects, sessions, tasks and stages that the filter names and no memory of
/// the tenant has, deleted ones included.
void remark_missing_names(const Tenant& tenant, const Filter& filter, Remarks& remarks,
                          LookedFor* before = nullptr);

/// The project, where it is given and no memory of the tenant has it.
void remark_missing_project(const Tenant& tenant, const std::string& project_id, Remarks& remarks);

/// What of the query could not be looked for.
void remark_unsearchable(const Tenant& tenant, const SearchRequest& request,
                         const SearchResponse& response, Remarks& remarks);

/// The notes that followed, and what could not be done; not those that a person edited.
void remark_notes(const NotesReport& notes, Remarks& remarks);

}  // namespace tulving::operations
