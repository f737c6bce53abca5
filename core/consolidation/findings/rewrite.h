#pragma once

#include <optional>

#include "core/consolidation/findings/finding.h"

namespace tulving::consolidation {

/// The work of a "rewrite" task, which the store opens when a source of a merge or pattern changed
/// whose text a text writer, or a person, had written: the text is written anew from the sources.
/// Empty: nobody is there to write it; the extractive text that stands there says all.
Result<std::optional<Finding>> find_rewrite(const ConsolidationTask& task,
                                            const Workspace& workspace, const Settings& settings);

}  // namespace tulving::consolidation
