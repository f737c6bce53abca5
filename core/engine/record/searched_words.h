#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/codec/codec.h"

namespace tulving::engine {

/// What a memory is found by in a search by text: its text, or where there is none the strings of
/// its content; and beside that its tags, entities and keywords. Views into the record, which must
/// stay.
class SearchedWords {
 public:
  explicit SearchedWords(const storage::MemoryRecord& record);

  [[nodiscard]] std::string_view text() const { return content_.empty() ? text_ : content_; }
  [[nodiscard]] const std::vector<std::string_view>& beside() const { return beside_; }
  [[nodiscard]] bool is_empty() const { return text().empty() && beside_.empty(); }
  /// Equal for equal words: as TextIndex::digest().
  [[nodiscard]] std::uint64_t digest() const;

  friend bool operator==(const SearchedWords& a, const SearchedWords& b) {
    return a.text() == b.text() && a.beside_ == b.beside_;
  }

 private:
  std::string_view text_;
  std::string content_;  ///< The content's strings, when there is no text.
  std::vector<std::string_view> beside_;
};

}  // namespace tulving::engine
