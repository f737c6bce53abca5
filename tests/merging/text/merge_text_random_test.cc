// What merge_text_test.cc promises, on random texts. The oracle shares nothing with the merge: it
// made the texts of sentences of its own, in several scripts and with all that a careless merge
// takes for nothing, and looks for each of them in the merge without its dates, byte for byte.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/merging/text/lost_words.h"
#include "tests/merging/merge_testing.h"

namespace tulving::merging {
namespace {

using testing::HasSubstr;

// Random texts, with the sentences that they were made of.
class RandomTexts {
 public:
  explicit RandomTexts(unsigned seed) : random_(seed) {}

  std::vector<std::string> sentences;

  std::vector<std::string> texts() {
    std::vector<std::string> texts(1 + below(12));
    for (auto& text : texts) {
      for (std::size_t i = below(8); i > 0; --i) {
        // Some that were said before, as they were or nearly.
        sentences.push_back(!sentences.empty() && below(3) == 0
                                ? changed(sentences[below(sentences.size())])
                                : sentence());
        text += sentences.back() + gap();
      }
    }
    return texts;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  template <std::size_t n>
  std::string pick(const char* const (&choices)[n]) {
    return choices[below(n)];
  }

  std::string word() {
    return pick(
        {"likes",      "not",   "never",      "doesn't",    "no",        "3.14",
         "7",          "8",     "York",       "New",        "york",      "the",
         "green",      "tea",   "-v",         "-V",         "mW",        "MW",
         "$5",         "a",     "\"plum\"",   "`rm -rf x`", "caf\u00e9", "cafe\u0301",
         "не",         "рыбу",  "δεν",        "نمی",        "नहीं",       "茶",
         "喜欢",       "不",    "ません",     "서울",       "ไม่",        "http://x.org/a.b?c=D",
         "snake_case", "1e400", "\U0001F600", "C++"});
  }
  std::string sentence() {
    std::string sentence =
        pick({"Alice", "The user", "Dr. Who", "bob", "Анна", "今天", "- item", "Ana"});
    for (std::size_t i = 1 + below(5); i > 0; --i) sentence += " " + word();
    return sentence + pick({".", "!", "?", "", "...", "。", ":"});
  }
  std::string changed(std::string sentence) {
    switch (below(5)) {
      case 0:
        return sentence;
      case 1:
        return sentence.insert(std::min(sentence.rfind(' '), sentence.size()), " " + word());
      case 2:
        return word() + " " + sentence;
      case 3: {
        const auto blank = sentence.find(' ');
        if (blank != std::string::npos) sentence.insert(blank, " " + word());
        return sentence;
      }
      default:
        for (char& c : sentence) {
          if (c >= 'a' && c <= 'z' && below(4) == 0) c = static_cast<char>(c - 32);
        }
        return sentence;
    }
  }
  std::string gap() { return pick({" ", " ", "\n", "\n\n", "  \n\t"}); }

  std::mt19937 random_;
};

// White space folded, as the oracle folds it; composed forms have their own place in the list
// above.
std::string one_blank(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (blank && (folded.empty() || folded.back() == ' ')) continue;
    folded += blank ? ' ' : c;
  }
  return folded;
}

std::string composed(std::string text) {
  for (std::size_t at = 0; (at = text.find("e\u0301", at)) != std::string::npos;) {
    text.replace(at, std::string("e\u0301").size(), "\u00e9");
  }
  return text;
}

TEST(MergeTexts, LoseNothingOfRandomTexts) {
  std::size_t looked_for = 0;
  std::size_t repeated = 0;
  std::size_t dated = 0;
  for (unsigned seed = 1; seed <= 4000; ++seed) {
    SCOPED_TRACE(seed);
    RandomTexts random(seed);
    const auto sources = memories(random.texts());
    const MergedText merge = merge_texts(sources);
    const std::string text = one_blank(composed(without_dates(merge.text)));
    for (const std::string& sentence : random.sentences) {
      ++looked_for;
      ASSERT_THAT(text, HasSubstr(one_blank(composed(sentence)))) << merge.text;
    }
    for (const StatementPlace& place : merge.statements) {
      const std::string said =
          sources[place.source].text.substr(place.source_offset, place.source_bytes);
      const std::string stands = merge.text.substr(place.merged_offset, place.merged_bytes);
      ASSERT_THAT(one_blank(composed(without_dates(stands))), HasSubstr(one_blank(composed(said))));
      repeated += place.fate == StatementFate::kRepeated ? 1 : 0;
      dated += place.is_dated ? 1 : 0;
    }
  }
  // The oracle had something to look at.
  EXPECT_GT(looked_for, 50'000U);
  EXPECT_GT(repeated, 1'000U);
  EXPECT_GT(dated, 1'000U);
}

// Two statements that differ in a word or two are found side by side, each with its day, whatever
// the words: made-up ones of many scripts.
TEST(MergeTexts, DateRandomPairsThatDifferInAWord) {
  std::size_t pairs = 0;
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t script = seed % 4;
    const char* const letters[] = {"abdefgiklmnoprstuvz", "абвгдежзиклмнопрсту",
                                   "αβγδεζηθικλμνξοπρστ", "אבגדהוזחטיכלמנסעפצק"};
    const std::size_t width = script == 0 ? 1 : 2;
    const auto word = [&] {
      std::string made;
      for (std::size_t i = 2 + random() % 6; i > 0; --i) {
        made += std::string(letters[script]).substr(random() % 19 * width, width);
      }
      return made;
    };
    std::vector<std::string> a(4 + random() % 8);
    for (auto& one : a) one = word();
    a.emplace_back("ende");  // No abbreviation.
    std::vector<std::string> b = a;
    const std::size_t at = random() % (a.size() - 1);
    if (random() % 2 == 0) {
      b[at] = word() + "x";
    } else {
      b.insert(b.begin() + static_cast<std::ptrdiff_t>(at), word() + "x");
    }
    const auto text = [](const std::vector<std::string>& words) {
      std::string joined;
      for (const auto& one : words) joined += (joined.empty() ? "" : " ") + one;
      return joined;
    };
    EXPECT_EQ(merged({"Zoe 1. " + text(a) + ".", "Mind the 2 gaps. " + text(b) + ". 33 it is."}),
              "Zoe 1.\n" + text(a) + " (as of 2024-05-01).\n" + text(b) +
                  " (as of 2024-05-02).\nMind the 2 gaps. 33 it is.");
    ++pairs;
  }
  EXPECT_EQ(pairs, 3000U);
}

// A text writer that returns its draft loses nothing.
TEST(MergeTexts, HoldAllThatATextWriterMayNotLose) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    const auto sources = memories(RandomTexts(seed).texts());
    const std::string text = merge_texts(sources).text;
    ASSERT_EQ(lost_words(text, sources).count, 0U) << text;
  }
}

TEST(MergeTexts, SayNoStatementTwiceUnlessOneSourceDoes) {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    const auto sources = memories(RandomTexts(seed).texts());
    const MergedText merge = merge_texts(sources);
    std::set<std::pair<std::size_t, std::size_t>> places;
    std::size_t kept = 0;
    for (const StatementPlace& place : merge.statements) {
      places.insert({place.merged_offset, place.merged_bytes});
      if (place.fate == StatementFate::kKept) ++kept;
    }
    ASSERT_EQ(places.size(), kept);
  }
}

TEST(MergeTexts, AreTheSameForTheSameSources) {
  const auto sources = memories(RandomTexts(5).texts());
  EXPECT_EQ(merge_texts(sources).text, merge_texts(sources).text);
}

}  // namespace
}  // namespace tulving::merging
