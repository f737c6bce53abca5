#pragma once

#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "tulving/operations.h"

namespace tulving::operations {

/// The request that the parameters stand for which "search" and "search.batch" share: all but text
/// and vector.
[[nodiscard]] SearchRequest search_request(const Arguments& given);

/// Searches, and adds the response's members to `out`; with `timed` also how long it took.
Status add_response(const Tenant& tenant, const SearchRequest& request, bool timed,
                    ObjectWriter& out, Remarks& remarks, LookedFor* before = nullptr);

/// search.batch.
Status stream_queries(const Running& running, const Lines& lines);

}  // namespace tulving::operations
