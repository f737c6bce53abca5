#pragma once

#include <string>
#include <string_view>

namespace tulving::model {

/// The text's first sentences, as many as fit in 200 characters; a longer first sentence is cut at
/// a word and ends in "…". Sentences are those of core/model/text/sentences.h.
/// O(1) in the text's length.
[[nodiscard]] std::string default_summary(std::string_view text);

}  // namespace tulving::model
