// What is promised: two texts have one form exactly if they differ in composition (NFC) and white
// space alone. Held against a table of compositions, and on random texts: what is the same keeps
// its form when its blanks and its composition change, and loses it when anything else does.

#include "core/base/text/same_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tulving {
namespace {

TEST(SameText, IsOfOneComposition) {
  EXPECT_EQ(to_nfc("caf\u0065\u0301"), "caf\u00e9");
  EXPECT_EQ(to_nfc("\u212b"), "\u00c5");  // Ångström's sign.
  EXPECT_EQ(to_nfc("\u1112\u1161\u11ab"), "\ud55c");
  EXPECT_EQ(to_nfc("\uff21"), "\uff21");  // Full width is another letter: no NFKC.
  EXPECT_EQ(to_nfc(""), "");
}

TEST(SameText, HasOneBlankForEachRunOfWhiteSpace) {
  EXPECT_EQ(same_text_form(" \t a\r\n\u00a0b\u3000c \u2028"), "a b c");
  EXPECT_EQ(same_text_form(" \n"), "");
  EXPECT_NE(same_text_form("a b"), same_text_form("ab"));
}

TEST(SameText, FoldsNothingElse) {
  const std::vector<std::string> different = {"A",      "a",      "a.",      "- a",
                                              "\u00e1", "\uff41", "a\u200b", "\"a\""};
  for (const auto& one : different) {
    for (const auto& other : different) {
      EXPECT_EQ(same_text_form(one) == same_text_form(other), one == other) << one << " " << other;
    }
  }
}

TEST(SameText, OfRandomTextsIsThatOfTheirPieces) {
  const std::vector<std::pair<std::string, std::string>> pieces = {{"\u00e9", "e\u0301"},
                                                                   {"\u00c5", "A\u030a"},
                                                                   {"\ud55c", "\u1112\u1161\u11ab"},
                                                                   {"x", "x"},
                                                                   {"X", "X"},
                                                                   {"7", "7"},
                                                                   {".", "."},
                                                                   {" ", "\n\t"},
                                                                   {" ", "\u00a0"}};
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    std::mt19937 random(seed);
    std::string composed = "z", other = "z";
    for (auto i = random() % 30; i > 0; --i) {
      const auto& [a, b] = pieces[random() % pieces.size()];
      composed += a;
      other += random() % 2 == 0 ? a : b;
    }
    ASSERT_EQ(same_text_form(composed), same_text_form(other)) << seed;
    ASSERT_EQ(same_text_form(same_text_form(other)), same_text_form(other)) << seed;
    ASSERT_EQ(same_text_form("\t " + other + "\n"), same_text_form(other)) << seed;
    ASSERT_NE(same_text_form(composed + "q"), same_text_form(other)) << seed;
  }
}

}  // namespace
}  // namespace tulving
