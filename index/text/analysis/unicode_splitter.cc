#include "index/text/analysis/unicode_splitter.h"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <new>

#include "core/base/check.h"

namespace tulving::index {
namespace {

bool is_mark(UChar32 c) { return (U_MASK(u_charType(c)) & U_GC_M_MASK) != 0; }

/// A letter of a script whose words are not told apart by spaces. Line_Break = Complex_Context are
/// the scripts that Unicode says need a dictionary: Thai, Lao, Khmer, Myanmar, Tai and Ahom.
bool is_unspaced(UChar32 c) {
  if (c < 0x0E00 || !(u_isalpha(c) || is_mark(c))) return false;
  if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return true;
  // By extension, as the long-vowel mark is common to Hiragana and Katakana.
  for (const UScriptCode script :
       {USCRIPT_HAN, USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_HANGUL, USCRIPT_BOPOMOFO}) {
    if (uscript_hasScript(c, script) != 0) return true;
  }
  return false;
}

CharacterClass class_of(UChar32 c) {
  if (c == '.') return CharacterClass::kDot;
  if (u_isdigit(c)) return CharacterClass::kDigit;
  if (u_isalpha(c)) return CharacterClass::kLetter;
  return is_mark(c) ? CharacterClass::kMark : CharacterClass::kOther;
}

/// The character at `at`, which moves behind it; negative where the bytes are not UTF-8.
UChar32 next_character(std::string_view text, std::size_t& at) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  UChar32 c = 0;
  U8_NEXT(bytes, at, text.size(), c);
  return c;
}

}  // namespace

class UnicodeSplitter::Impl {
 public:
  Impl() {
    UErrorCode status = U_ZERO_ERROR;
    normalizer_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
    breaker_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    if (status == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
    TULVING_CHECK(U_SUCCESS(status));  // ICU was installed without its own data
  }
  ~Impl() { utext_close(&window_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void split(std::string_view text, std::string& folded, std::vector<Word>& words) {
    const std::size_t start = folded.size();
    fold(text, folded);
    const std::string_view all(folded);
    for (std::size_t at = start; at < all.size();) {
      const std::size_t run = end_of_stretch(all, at, true);
      cut_run(all, at, run, words);
      at = end_of_stretch(all, run, false);
      cut_spaced(all, run, at, words);
    }
  }

 private:
  void fold(std::string_view text, std::string& folded) const {
    icu::StringByteSink<std::string> sink(&folded);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    UErrorCode status = U_ZERO_ERROR;
    normalizer_->normalizeUTF8(0, piece, sink, nullptr, status);
    if (U_FAILURE(status)) throw std::bad_alloc();  // nothing else can fail here
  }

  /// The end of the characters from `at` that all are, or all are not, of a script without spaces.
  static std::size_t end_of_stretch(std::string_view all, std::size_t at, bool unspaced) {
    const std::size_t start = at;
    while (at < all.size()) {
      std::size_t next = at;
      const UChar32 c = next_character(all, next);
      const bool continues = unspaced && at > start && c >= 0 && is_mark(c);
      if (!continues && is_unspaced(c) != unspaced) return at;
      at = next;
    }
    return at;
  }

  /// Overlapping pairs, and each character; one with its marks counts as one.
  static void cut_run(std::string_view all, std::size_t at, std::size_t end,
                      std::vector<Word>& words) {
    std::size_t previous = end;
    const std::size_t start = at;
    while (at < end) {
      std::size_t next = at;
      next_character(all, next);
      for (std::size_t mark = next; mark < end && is_mark(next_character(all, mark));) next = mark;
      const bool alone = at == start && next == end;
      append_word(all, at, next, alone ? WordKind::kGram : WordKind::kCharacter, words);
      if (at != start) append_word(all, previous, next, WordKind::kGram, words);
      previous = at;
      at = next;
    }
  }

  void cut_spaced(std::string_view all, std::size_t begin, std::size_t end,
                  std::vector<Word>& words) {
    if (begin == end) return;
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&window_, all.data() + begin, static_cast<std::int64_t>(end - begin), &status);
    breaker_->setText(&window_, status);
    if (U_FAILURE(status)) throw std::bad_alloc();
    WordCutter cutter(all, words);
    std::int32_t from = breaker_->first();
    for (std::int32_t to = breaker_->next(); to != icu::BreakIterator::DONE;
         from = to, to = breaker_->next()) {
      if (breaker_->getRuleStatus() < UBRK_WORD_NONE_LIMIT)
        continue;  // spaces, punctuation, symbols
      cut_segment(all, begin + static_cast<std::size_t>(from), begin + static_cast<std::size_t>(to),
                  cutter);
    }
  }

  /// TR29 keeps "don't", "a.b" and "snake_case" whole. Postgres does not, and neither do we.
  static void cut_segment(std::string_view all, std::size_t at, std::size_t end,
                          WordCutter& cutter) {
    while (at < end) {
      std::size_t next = at;
      const UChar32 c = next_character(all, next);
      cutter.take(c < 0 ? CharacterClass::kOther : class_of(c), at, next);
      at = next;
    }
    cutter.close();
  }

  const icu::Normalizer2* normalizer_ = nullptr;  // ICU's own, never deleted
  std::unique_ptr<icu::BreakIterator> breaker_;
  UText window_ = UTEXT_INITIALIZER;
};

UnicodeSplitter::UnicodeSplitter() = default;
UnicodeSplitter::~UnicodeSplitter() = default;

void UnicodeSplitter::split(std::string_view text, std::string& folded, std::vector<Word>& words) {
  if (!impl_) impl_ = std::make_unique<Impl>();
  impl_->split(text, folded, words);
}

}  // namespace tulving::index
