#pragma once

#include <cstdint>

#include "core/model/sentence_words.h"

namespace tulving::merging {

// What a word can do to what a sentence says. A set of flags.
inline constexpr std::uint8_t kArticle = 1;
inline constexpr std::uint8_t kNegation = 2;
inline constexpr std::uint8_t kDoubt = 4;  ///< Doubt, condition, amount, past: "maybe", "formerly".
inline constexpr std::uint8_t kNumber = 8;  ///< Digits, or a number in English words.
inline constexpr std::uint8_t kOther = 16;  ///< A sign, or a word outside ASCII: we cannot tell.
inline constexpr std::uint8_t kAuxiliary = 32;

[[nodiscard]] std::uint8_t kinds_of(const model::SentenceWord& word);

}  // namespace tulving::merging
