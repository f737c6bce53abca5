// A missing summary is the text's first sentences, as many as fit in 200 characters. Each
// expectation is written out; the properties (a limit, a prefix, an end at a sentence) are checked
// on random texts.

#include "core/model/text/summary.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "core/base/text/utf8.h"

namespace tulving::model {
namespace {

constexpr std::string_view kEllipsis = "…";

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  while (utf8_prefix(text, count).size() < text.size()) ++count;
  return count;
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (; times > 0; --times) text += piece;
  return text;
}

TEST(DefaultSummary, IsTheWholeOfAShortText) {
  EXPECT_EQ(default_summary(""), "");
  EXPECT_EQ(default_summary(" \n\t "), "");
  EXPECT_EQ(default_summary("  One. Two! \n"), "One. Two!");
  const std::string full(200, 'x');
  EXPECT_EQ(default_summary(full), full);
}

TEST(DefaultSummary, HoldsAsManySentencesAsFit) {
  const std::string first = std::string(98, 'a') + ".";
  const std::string second = std::string(99, 'b') + "!";

  // 99 + 1 + 100 characters are 200.
  EXPECT_EQ(default_summary(first + " " + second + " And more."), first + " " + second);
  // One character more, and the second no longer fits.
  EXPECT_EQ(default_summary(first + " b" + second + " And more."), first);
}

TEST(DefaultSummary, EndsSentencesAtStopsBeforeBlanksAndAtLineEnds) {
  const std::string rest = " " + repeated("word ", 60);

  EXPECT_EQ(default_summary("Version 2.1 is out." + rest), "Version 2.1 is out.");
  EXPECT_EQ(default_summary("Who?" + rest), "Who?");
  EXPECT_EQ(default_summary("Stop!" + rest), "Stop!");
  EXPECT_EQ(default_summary("A title\n" + rest), "A title");
}

TEST(DefaultSummary, CutsALongFirstSentenceAtAWord) {
  const std::string summary = default_summary(repeated("seven77 ", 50));

  EXPECT_EQ(summary, repeated("seven77 ", 24) + "seven77" + std::string(kEllipsis));
  EXPECT_EQ(characters(summary), 200U);
}

TEST(DefaultSummary, CutsAWordThatIsLongerThanAllOfIt) {
  EXPECT_EQ(default_summary(std::string(500, 'x')), std::string(199, 'x') + std::string(kEllipsis));
}

TEST(DefaultSummary, KnowsTheSentencesOfOtherScripts) {
  const std::string first = repeated("記", 120) + "。";

  EXPECT_EQ(default_summary(first + repeated("憶", 120) + "。"), first);
  const std::string german = "Größe ist relativ.";
  EXPECT_EQ(default_summary(german + " " + repeated("Über alles ", 40)), german);
}

TEST(DefaultSummary, CountsCharactersNotBytes) {
  const std::string text = repeated("ä", 200);

  EXPECT_EQ(default_summary(text), text);
  EXPECT_EQ(default_summary(text + "ä"), repeated("ä", 199) + std::string(kEllipsis));
}

TEST(DefaultSummary, IsWithinTheLimitAndThePlaceOfTheTextForAnyText) {
  constexpr unsigned kSeed = 23;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const std::string pieces[] = {"word", " ", ". ", "! ", "\n", "ä", "記。", "😀", "...", "? ", "  "};
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    const auto ascii_only = round % 2 == 0;
    for (auto i = random() % 400; i > 0; --i) {
      const auto& piece = pieces[random() % std::size(pieces)];
      if (!ascii_only || is_ascii(piece)) text += piece;
    }

    std::string summary = default_summary(text);

    ASSERT_LE(characters(summary), 200U);
    ASSERT_FALSE(first_invalid_utf8(summary));
    if (summary.ends_with(kEllipsis)) summary.resize(summary.size() - kEllipsis.size());
    ASSERT_EQ(text.find(summary), std::min(text.find_first_not_of(" \n"), text.find(summary)));
    ASSERT_NE(text.find(summary), std::string::npos);
    ASSERT_EQ(summary.empty(), text.find_first_not_of(" \n") == std::string::npos);
  }
}

}  // namespace
}  // namespace tulving::model
