#pragma once

#include <string>
#include <string_view>

namespace tulving {

/// `text`, UTF-8, in Unicode's full case folding: equal for texts that differ in case alone. It may
/// be longer than the text.
[[nodiscard]] std::string folded_case(std::string_view text);

}  // namespace tulving
