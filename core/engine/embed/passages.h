#pragma once

#include <string_view>
#include <vector>

#include "tulving/embedder.h"
#include "tulving/result.h"

namespace tulving::engine {

/// The passages that a text is embedded by, in its order: the text itself where the embedder reads
/// it whole; else whole sentences, as many together as it reads, and parts of a sentence that is
/// longer than that. At most kPassagesMax: what comes after them is found by its words alone.
/// Views into `text`. O(bytes), and the embedder's length_of() of every sentence; its error.
[[nodiscard]] Result<std::vector<std::string_view>> passages_of(const Embedder& embedder,
                                                                std::string_view text);

}  // namespace tulving::engine
