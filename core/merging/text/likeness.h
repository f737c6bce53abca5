#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tulving::merging {

/// One statement, and who says it.
struct Saying {
  std::string_view text;
  std::uint32_t source = 0;         ///< The first that says so.
  bool is_said_by_several = false;  ///< Others do, too.
};

/// Groups statements that are nearly the same, two by two or through others between: for each the
/// first of its group, itself where it is alone. Two of one source alone are not compared.
///
/// Two are nearly the same when their longest common subsequence makes up half of their words, or
/// seven tenths of their characters: "She likes tea" and "She no longer likes tea", "is enabled"
/// and "is disabled", "会议在5点" and "会议在6点". That knows no language, and none of its words.
///
/// Statements of more than 512 words are nearly the same as none. O(statements^2) up to 256 of
/// them; of more each is compared with at most 128 that share its rarest words and letters.
[[nodiscard]] std::vector<std::uint32_t> first_alike(std::span<const Saying> sayings);

}  // namespace tulving::merging
