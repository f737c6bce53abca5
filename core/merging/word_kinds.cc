#include "core/merging/word_kinds.h"

#include <string_view>
#include <unordered_map>

#include "core/base/utf8.h"

namespace tulving::merging {
namespace {

constexpr std::string_view kArticles[] = {"a", "an", "the"};
// English first, then "no", "not", "never", "nothing", "without" of languages written in ASCII.
constexpr std::string_view kNegations[] = {
    "no",      "not",   "never", "none",   "nobody", "nothing", "nowhere",  "neither", "nor",
    "cannot",  "cant",  "dont",  "doesnt", "didnt",  "isnt",    "wasnt",    "arent",   "wont",
    "without", "lacks", "lack",  "except", "hardly", "barely",  "scarcely", "rarely",  "seldom",
    "nicht",   "kein",  "keine", "keinen", "keiner", "keinem",  "nie",      "niemals", "nichts",
    "ohne",    "ne",    "pas",   "jamais", "rien",   "sans",    "nunca",    "nada",    "sin",
    "ni",      "non",   "mai",   "niente", "senza",  "nao",     "sem",      "niet",    "geen",
    "nooit",   "inte",  "ikke",  "ingen",  "ei",     "nem",     "tidak",    "bukan"};
constexpr std::string_view kDoubts[] = {
    "if",       "unless",    "whether",    "maybe",     "perhaps",    "may",      "might",
    "could",    "would",     "should",     "must",      "can",        "likely",   "unlikely",
    "possibly", "probably",  "supposedly", "allegedly", "apparently", "almost",   "nearly",
    "about",    "around",    "former",     "formerly",  "previously", "once",     "ex",
    "used",     "until",     "till",       "before",    "after",      "since",    "but",
    "or",       "only",      "instead",    "than",      "too",        "less",     "more",
    "other",    "another",   "false",      "fake",      "wrong",      "untrue",   "denied",
    "denies",   "doubts",    "doubted",    "says",      "said",       "thinks",   "thought",
    "believes", "believed",  "claims",     "claimed",   "hopes",      "hoped",    "wants",
    "wanted",   "wishes",    "wished",     "plans",     "planned",    "tries",    "tried",
    "stopped",  "stops",     "quit",       "refuses",   "refused",    "failed",   "fails",
    "forgot",   "hates",     "hated",      "half",      "dozen",      "hundred",  "hundreds",
    "thousand", "thousands", "million",    "millions",  "billion",    "trillion", "twice",
    "twenty",   "thirty",    "forty",      "fifty",     "sixty",      "seventy",  "ninety"};
constexpr std::string_view kNumbers[] = {"one",    "two",    "three",   "four",     "five",
                                         "six",    "seven",  "eight",   "nine",     "ten",
                                         "eleven", "twelve", "hundred", "thousand", "first",
                                         "second", "third",  "million", "billion",  "dozen"};
constexpr std::string_view kAuxiliaries[] = {"do",  "does", "did", "is",  "are",
                                             "was", "were", "has", "have"};

using Kinds = std::unordered_map<std::string_view, std::uint8_t>;

const Kinds& known_words() {
  static const Kinds kWords = [] {
    Kinds words;
    const auto add = [&words](const auto& list, unsigned kind) {
      for (const std::string_view word : list) {
        words[word] = static_cast<std::uint8_t>(words[word] | kind);
      }
    };
    add(kArticles, kArticle);
    add(kNegations, kNegation);
    add(kDoubts, kDoubt);
    add(kNumbers, kNumber);
    add(kAuxiliaries, kAuxiliary);
    return words;
  }();
  return kWords;
}

}  // namespace

std::uint8_t kinds_of(const model::SentenceWord& word) {
  const auto known = known_words().find(word.folded);
  unsigned kinds = known == known_words().end() ? 0 : known->second;
  if (word.folded.ends_with("n't")) kinds |= kNegation;
  if (word.has_digit) kinds |= kNumber;
  if (word.is_sign || !is_ascii(word.folded)) kinds |= kOther;
  return static_cast<std::uint8_t>(kinds);
}

}  // namespace tulving::merging
