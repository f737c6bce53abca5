#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"

namespace tulving::storage::postgres {

/// One word, number, text literal or sign of a statement; a view into the text.
struct DdlToken {
  enum class Kind : std::uint8_t { kWord, kNumber, kText, kSign };
  std::string_view text;
  Kind kind = Kind::kSign;
};

/// `text` with blanks in place of what "--" begins, outside of text literals.
[[nodiscard]] std::string without_comments(std::string_view text);
/// The tokens of each statement, ended by ";". kInvalidArgument: a text literal or the last
/// statement does not end.
Result<std::vector<std::vector<DdlToken>>> split_statements(std::string_view text);

/// Reads a statement from left to right. What does not stand where it must is kept as the error,
/// and from then on nothing is taken, so that only the end has to be asked.
class DdlReader {
 public:
  explicit DdlReader(const std::vector<DdlToken>& tokens) : tokens_(tokens) {}

  [[nodiscard]] bool at_end() const { return failed() || at_ == tokens_.size(); }
  [[nodiscard]] bool failed() const { return !status_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }

  /// Takes the words or signs of `wanted`, parted by blanks, if they come next.
  bool take(std::string_view wanted);
  void expect(std::string_view wanted);
  std::string word();
  std::string_view next(DdlToken::Kind kind, std::string_view what);
  /// "(word, word)".
  std::vector<std::string> words();
  /// What stands in the parentheses that come next, with them, as written.
  std::string parenthesised();
  /// The text from the token at `first` to the one before the next.
  [[nodiscard]] std::string since(std::size_t first) const;
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] DdlToken::Kind kind() const;
  void fail(std::string_view expected);

 private:
  const std::vector<DdlToken>& tokens_;
  std::size_t at_ = 0;
  Status status_;
};

/// Whether the words are equal but for the case of ASCII letters.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

}  // namespace tulving::storage::postgres
