#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tulving/records.h"

namespace tulving::merging {

/// What a text that someone wrote of several memories has lost of theirs.
struct LostWords {
  std::size_t count =
      0;          ///< Runs of marked words, and quotations (core/model/text/marked_words.h).
  Uuid first_of;  ///< The first memory of which some are lost; nil: none are.
};

/// Compared exactly, but for NFC and white space; a word that begins a sentence may have lost its
/// capital letter. A run is not found in a longer one: neither "York" in "New York" nor "200" in
/// "1 200". O(bytes).
[[nodiscard]] LostWords lost_words(std::string_view written, std::span<const Memory> sources);

}  // namespace tulving::merging
