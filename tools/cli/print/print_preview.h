#pragma once

#include <vector>

#include "tools/cli/print/json_text.h"
#include "tools/cli/print/output.h"
#include "tulving/preview.h"

namespace tulving::tools {

/// For people: of each finding what goes in, what comes out, and why.
void print_previews(const std::vector<FindingPreview>& previews);

/// The memories of one finding and what becomes of them, a labelled line each.
void print_preview(const FindingPreview& preview);

[[nodiscard]] JsonText previews_text(const std::vector<FindingPreview>& previews);

}  // namespace tulving::tools
