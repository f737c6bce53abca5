#pragma once

#include <string>
#include <string_view>

namespace tulving::index {

/// A case-folded word without its accents, as it is typed by who has no key for them: café is cafe,
/// ładny ladny, αθήνα αθηνα, ёлка елка, كِتَاب without its vowel signs. Marks that are letters of
/// their own stay: й, and the vowels of Indic scripts. Writes to `bare` and returns true when that
/// differs from the word. O(bytes); a word without accents takes a look at each character.
bool fold_accents(std::string_view word, std::string& bare);

}  // namespace tulving::index
