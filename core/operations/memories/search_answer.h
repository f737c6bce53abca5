#pragma once

#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "tulving/operations.h"

namespace tulving::operations {

/// The request that the parameters stand for which "search" and "search.batch" share: all but text
/// and vector.
[[nodiscard]] SearchRequest search_request(const Arguments& given);

struct SearchManner {
  bool touch = false;  ///< Reinforce what is found.
  bool timed = false;  ///< Say how long it took.
};
[[nodiscard]] SearchManner search_manner(const Arguments& given);

/// Searches, and adds the response's members to `out`.
Status add_response(Tenant& tenant, const SearchRequest& request, SearchManner manner,
                    ObjectWriter& out, Remarks& remarks, LookedFor* before = nullptr);

/// search.batch.
Status stream_queries(const Running& running, const StreamEnds& lines);

}  // namespace tulving::operations
