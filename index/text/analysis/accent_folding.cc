#include "index/text/analysis/accent_folding.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>

#include <memory>
#include <new>

#include "core/base/check.h"
#include "core/base/text/utf8.h"

namespace tulving::index {
namespace {

// Below are nukta, kana voicing and virama, which change or make letters.
constexpr int kFirstAccentClass = 10;

bool is_accent(UChar32 c, UChar32 before) {
  constexpr UChar32 kBreve = 0x306, kCyrillicI = 0x438;
  if (c == kBreve && before == kCyrillicI) return false;  // й
  return u_getCombiningClass(c) >= kFirstAccentClass;
}

/// Latin letters that are no ASCII letter with a mark on it: ı, ł, ø, æ.
bool has_latin_letter_beyond_ascii(std::string_view word) {
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xC3 && byte <= 0xC9) return true;  // leads U+00C0 - U+027F
  }
  return false;
}

class Folder {
 public:
  Folder() {
    UErrorCode status = U_ZERO_ERROR;
    decomposer_ = icu::Normalizer2::getNFDInstance(status);
    composer_ = icu::Normalizer2::getNFCInstance(status);
    latin_.reset(icu::Transliterator::createInstance("Latin-ASCII", UTRANS_FORWARD, status));
    if (status == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
    TULVING_CHECK(U_SUCCESS(status));  // ICU was installed without its own data
  }

  bool fold(std::string_view word, std::string& bare) {
    const icu::StringPiece piece(word.data(), static_cast<std::int32_t>(word.size()));
    UErrorCode status = U_ZERO_ERROR;
    const bool has_marks = decomposer_->isNormalizedUTF8(piece, status) == 0 || has_marks_of(word);
    if (!has_marks && !has_latin_letter_beyond_ascii(word)) return false;
    const auto decomposed = decomposer_->normalize(icu::UnicodeString::fromUTF8(piece), status);
    icu::UnicodeString kept;
    UChar32 before = 0;
    for (std::int32_t at = 0; at < decomposed.length();) {
      const UChar32 c = decomposed.char32At(at);
      at += U16_LENGTH(c);
      if (is_accent(c, before)) continue;
      kept.append(c);
      before = c;
    }
    latin_->transliterate(kept);
    const auto composed = composer_->normalize(kept, status);
    if (U_FAILURE(status)) throw std::bad_alloc();  // nothing else can fail here
    bare.clear();
    composed.toUTF8String(bare);
    return !bare.empty() && bare != word;
  }

 private:
  static bool has_marks_of(std::string_view word) {
    const auto text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
    for (std::int32_t at = 0; at < text.length(); at += U16_LENGTH(text.char32At(at))) {
      if (u_getCombiningClass(text.char32At(at)) >= kFirstAccentClass) return true;
    }
    return false;
  }

  const icu::Normalizer2* decomposer_ = nullptr;  // ICU's own, never deleted
  const icu::Normalizer2* composer_ = nullptr;
  std::unique_ptr<icu::Transliterator> latin_;
};

}  // namespace

bool fold_accents(std::string_view word, std::string& bare) {
  if (is_ascii(word)) return false;
  static thread_local Folder folder;
  return folder.fold(word, bare);
}

}  // namespace tulving::index
