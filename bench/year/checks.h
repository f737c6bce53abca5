#pragma once

#include <nlohmann/json.hpp>

#include "bench/year/options.h"

namespace tulving::bench {

/// Whether a tenant's answers are right, by `options.checks` searches of each kind:
/// "recall_at_10": of vector searches, beside exact ones of the same store, by score, so that of
/// equally near memories any counts; "text_found", "hybrid_found": of memories with a word of their
/// own, how many that word finds first, and it with their vector; "checks": of how many; "right".
Result<nlohmann::json> check_answers(const Tenant& tenant, const Corpus& corpus,
                                     const TenantLoad& load, const YearOptions& options);

}  // namespace tulving::bench
