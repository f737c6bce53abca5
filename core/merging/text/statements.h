#pragma once

#include <string_view>
#include <vector>

namespace tulving::merging {

/// A sentence, with those before it without which it says nothing.
struct Statement {
  std::string_view text;                    ///< From its first sentence to its last.
  std::vector<std::string_view> sentences;  ///< Of model::split_sentences(), one at least.
};

/// The statements of `text`, in order. Together they hold every character that is no blank.
/// O(bytes).
///
/// A sentence belongs to the statement before it unless that one is complete
/// (model::is_complete()). So an answer stays with its question
/// ("Is it locked? No."), a value with its heading ("Code:" and below it "2291"), and lines without
/// stops, as lists and code are, with each other: "No." alone, or "2291", is the same text in two
/// memories and says something else in each.
[[nodiscard]] std::vector<Statement> split_statements(std::string_view text);

}  // namespace tulving::merging
