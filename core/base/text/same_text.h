#pragma once

#include <string>
#include <string_view>

namespace tulving {

/// `text`, well-formed UTF-8, in Unicode's composed form (NFC). O(bytes); ASCII is copied.
[[nodiscard]] std::string to_nfc(std::string_view text);
/// As to_nfc(), in the form that folds compatible characters too (NFKC): "ﬁ" is "fi".
[[nodiscard]] std::string to_nfkc(std::string_view text);

/// What two texts must have in common to be the same one: NFC, and one blank for each run of white
/// space, none at the ends. Nothing else is folded: not case, not punctuation, not digits.
[[nodiscard]] std::string same_text_form(std::string_view text);

}  // namespace tulving
