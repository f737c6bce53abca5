// What a text's terms are: the words a person would look for, in one form each. Examples state the
// rules; a property over random text holds the path without ICU to what ICU's boundaries give; and
// postgres_match_test.cc compares with Postgres itself.

#include "index/text/analysis/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "index/text/text_index.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Cut {
  std::string folded;
  WordKind kind;
  friend bool operator==(const Cut&, const Cut&) = default;
  friend void PrintTo(const Cut& cut, std::ostream* out) {
    *out << '"' << cut.folded << "\"/" << static_cast<int>(cut.kind);
  }
};

std::vector<Cut> cut(std::string_view text, bool with_icu) {
  Analyzer& analyzer = Analyzer::of_this_thread();
  std::vector<Cut> cuts;
  for (const Word& word : with_icu ? analyzer.split_with_icu(text) : analyzer.split(text)) {
    cuts.push_back({std::string(analyzer.folded(word)), word.kind});
  }
  return cuts;
}

TEST(Analyzer, StemsWordsAndDropsStopWords) {
  EXPECT_THAT(analyze("The researchers were running their Experiments"),
              ElementsAre("research", "run", "experi"));
}

TEST(Analyzer, DropsAStopWordByItsFormAndNotByItsStem) {
  // "doing" is on the list; "does" too; "dos" is not, though its stem is "do".
  EXPECT_THAT(analyze("doing does dos"), ElementsAre("dos"));
  EXPECT_THAT(analyze("willing"), ElementsAre("will"));
}

TEST(Analyzer, FindsANameByItsPossessive) {
  EXPECT_THAT(analyze("Caroline's"), ElementsAre("carolin"));
  EXPECT_THAT(analyze("Caroline\u2019s"), ElementsAre("carolin"));
  EXPECT_THAT(analyze("don't I'll O'Brien"), ElementsAre("ll", "o", "brien"));
}

TEST(Analyzer, TakesCompoundsApart) {
  EXPECT_THAT(analyze("well-known snake_case and/or me@example.org"),
              ElementsAre("well", "known", "snake", "case", "exampl", "org"));
  EXPECT_THAT(analyze("/usr/lib/x.cc"), ElementsAre("usr", "lib", "x", "cc"));
}

TEST(Analyzer, KeepsDecimalsWholeAndUnitsApart) {
  EXPECT_THAT(analyze("$3.50 is 1,234.56, v1.2.3, 2.5kg"),
              ElementsAre("3.50", "1", "234.56", "v1.2.3", "2.5", "kg"));
  EXPECT_THAT(analyze("5. .5 1..2 x.5"), ElementsAre("5", "5", "1", "2", "x", "5"));
  EXPECT_THAT(analyze("2023-05-08 at 10:30"), ElementsAre("2023", "05", "08", "10", "30"));
}

TEST(Analyzer, LeavesWordsWithDigitsUnstemmed) {
  EXPECT_THAT(analyze("90s 1st abc123s"), ElementsAre("90s", "1st", "abc123s"));
}

TEST(Analyzer, FoldsCaseWidthLigaturesAndComposition) {
  EXPECT_THAT(analyze("\uFF28\uFF45\uFF4C\uFF4C\uFF4F \uFB01sh STRASSE stra\u00DFe"),
              ElementsAre("hello", "fish", "strass", "strass"));
  EXPECT_EQ(analyze("caf\u00E9"), analyze("CAFE\u0301"));
  EXPECT_NE(analyze("caf\u00E9"), analyze("cafe"));
}

TEST(Analyzer, ReadsOtherAlphabets) {
  EXPECT_THAT(analyze("Привет, МИР!"), ElementsAre("привет", "мир"));
  EXPECT_THAT(analyze("Καλημέρα κόσμε"), ElementsAre("καλημέρα", "κόσμε"));
  EXPECT_THAT(analyze("مرحبا بالعالم"), ElementsAre("مرحبا", "بالعالم"));
  EXPECT_THAT(analyze("नमस्ते दुनिया"), ElementsAre("नमस्ते", "दुनिया"));
  EXPECT_THAT(analyze("Ça coûte cher"), ElementsAre("ça", "coût", "cher"));
}

TEST(Analyzer, PairsCharactersWhereNoSpacesAre) {
  EXPECT_THAT(analyze("東京都"), ElementsAre("東京", "京都"));
  EXPECT_THAT(analyze("猫"), ElementsAre("猫"));
  EXPECT_THAT(analyze("コーヒー"), ElementsAre("コー", "ーヒ", "ヒー"));
  EXPECT_THAT(analyze("ｺｰﾋｰ"), ElementsAre("コー", "ーヒ", "ヒー"));
  EXPECT_THAT(analyze("서울에서"), ElementsAre("서울", "울에", "에서"));
  EXPECT_THAT(analyze("iPhoneを買った、2023年"),
              ElementsAre("iphon", "を買", "買っ", "った", "2023", "年"));
}

TEST(Analyzer, CountsACharacterWithItsMarksAsOne) {
  EXPECT_THAT(analyze("ที่นี่"), ElementsAre("ที่นี่"));
  EXPECT_THAT(analyze("กินข้าว"), ElementsAre("กิน", "นข้", "ข้า", "าว"));
}

TEST(Analyzer, GivesADocumentItsSingleCharactersToo) {
  EXPECT_THAT(cut("東京都", false),
              ElementsAre(Cut{"東", WordKind::kCharacter}, Cut{"京", WordKind::kCharacter},
                          Cut{"東京", WordKind::kGram}, Cut{"都", WordKind::kCharacter},
                          Cut{"京都", WordKind::kGram}));
  EXPECT_THAT(cut("猫", false), ElementsAre(Cut{"猫", WordKind::kGram}));
}

TEST(Analyzer, SeparatesAtAZeroWidthSpaceAndJoinsAtASoftHyphen) {
  EXPECT_THAT(analyze("caf\u00E9\u200Bcr\u00E8me"), ElementsAre("café", "crème"));
  EXPECT_THAT(analyze("co\u00ADoperate"), ElementsAre("cooper"));
}

TEST(Analyzer, CutsAVeryLongWordBetweenCharacters) {
  const std::string ascii(1000, '7');
  EXPECT_THAT(analyze(ascii), ElementsAre(std::string(kWordBytesMax, '7')));
  std::string cyrillic;
  for (int i = 0; i < 500; ++i) cyrillic += "ж";
  ASSERT_THAT(analyze(cyrillic), SizeIs(1));
  EXPECT_EQ(analyze(cyrillic).front().size(), kWordBytesMax - 1);
}

TEST(Analyzer, SurvivesWhatIsNotText) {
  EXPECT_THAT(analyze(""), IsEmpty());
  EXPECT_THAT(analyze("!!! \u2014 \U0001F600 ..."), IsEmpty());
  EXPECT_THAT(analyze(std::string("a\0bc\0", 5)), ElementsAre("bc"));
  EXPECT_THAT(analyze("good\xC3(\xFF\xE2\x80 morning"), Contains("morn"));
  EXPECT_THAT(analyze("\xE2\x80"), IsEmpty());
}

TEST(Analyzer, GivesTheSameOnEveryThread) {
  const std::string text = "Running déjà vu, 東京都 and the O'Briens' 2.5kg";
  const auto expected = analyze(text);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) ASSERT_EQ(analyze(text), expected);
    });
  }
  for (auto& thread : threads) thread.join();
}

/// Random text over an alphabet that makes all the collisions likely.
std::string random_text(std::mt19937& random, const std::vector<std::string>& alphabet) {
  std::string text;
  const auto length = std::uniform_int_distribution<int>(0, 40)(random);
  for (int i = 0; i < length; ++i) {
    text += alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random)];
  }
  return text;
}

void expect_paths_agree(const std::vector<std::string>& alphabet) {
  const auto seed = test_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < 30'000; ++round) {
    const std::string text = random_text(random, alphabet);
    ASSERT_EQ(cut(text, false), cut(text, true)) << "seed " << seed << ", text: " << text;
  }
}

TEST(Analyzer, CutsAsciiWhereIcuDoes) {
  std::vector<std::string> alphabet = {"a", "B", "z", "the", "1", "20", "9", "'",  ".",  ",", ":",
                                       "_", "-", "@", "/",   " ", "  ", ".", "\n", "\t", ";", "\""};
  expect_paths_agree(alphabet);
  for (char c = 0x01; c > 0; ++c) alphabet.emplace_back(1, c);
  expect_paths_agree(alphabet);
}

TEST(Analyzer, CutsTypographicEnglishWhereIcuDoes) {
  expect_paths_agree({"a", "Be", "1", "2", ".", "'", " ", "\u2018", "\u2019", "\u201C", "\u201D",
                      "\u2013", "\u2014", "\u2026", "\u2010", "\u2022", "\u2024", "\u2017"});
}

TEST(Analyzer, CutsMixedTextWhereIcuDoes) {
  // Pieces go to one path or the other; the whole to ICU. No zero-width space: see the test above.
  expect_paths_agree({"a",      "Don",     "1",          ".",      " ",      "\n",
                      "\u00E9", "e\u0301", "\u0301",     "\u4E2D", "\u306E", "\u0E01\u0E34",
                      "\u2019", "\u2026",  "\u00A0",     "\uFF21", "\uD55C", "\u0436",
                      "\u0627", "\u00B2",  "\U0001F600", "\u200D", "_",      "\u3000"});
}

}  // namespace
}  // namespace tulving::index
