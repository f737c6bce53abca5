// A text is cut where a sentence surely ends and nowhere else, and nothing of it is lost. The
// expectations are written out; that no character is lost is checked on random texts, by
// comparing what is no blank before and after.

#include "core/model/text/sentences.h"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "core/model/text/sentence_words.h"

namespace tulving::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitSentences, CutsAtStopsBeforeBlanks) {
  EXPECT_THAT(split_sentences("One. Two! Three? four... Five\t six."),
              ElementsAre("One.", "Two!", "Three?", "four...", "Five\t six."));
  EXPECT_THAT(split_sentences("he likes tea. she does not."),
              ElementsAre("he likes tea.", "she does not."));
  EXPECT_THAT(split_sentences(""), IsEmpty());
  EXPECT_THAT(split_sentences(" \n\t "), IsEmpty());
}

TEST(SplitSentences, TakesClosingQuotesAndBracketsAlong) {
  EXPECT_THAT(split_sentences("He said \"Go.\" Then (he left.) So?!"),
              ElementsAre("He said \"Go.\"", "Then (he left.)", "So?!"));
  EXPECT_THAT(split_sentences("\u201cWhy?\u201d She left."),
              ElementsAre("\u201cWhy?\u201d", "She left."));
}

TEST(SplitSentences, StaysWholeAroundQuotesThatTheSentenceGoesOnBehind) {
  EXPECT_THAT(split_sentences("\"Why?\" he asked. And then... nothing."),
              ElementsAre("\"Why?\" he asked.", "And then... nothing."));
}

TEST(SplitSentences, KnowsAbbreviationsNumbersAndAddresses) {
  for (const std::string sentence :
       {"Dr. Who met Mr. X at 5 p.m. today.", "J. R. R. Tolkien wrote it.", "It is No. 5, p. 7.",
        "Use e.g. Vim or i.e. nothing.", "The U.S. Army came.", "Tea, milk, etc. are here.",
        "Pi is 3.14 and costs $1.50.", "See http://x.org/a.b?c=D.e or me@x.org.",
        "Version v2.0.1 of foo.bar.Baz is out.", "Wir treffen uns am 3. Oktober in Rom.",
        "Acme Inc. makes them."}) {
    EXPECT_THAT(split_sentences(sentence), ElementsAre(sentence));
  }
}

TEST(SplitSentences, CutsBehindAbbreviationsThatEndASentence) {
  EXPECT_THAT(split_sentences("She works for Acme Inc. They like her."),
              ElementsAre("She works for Acme Inc.", "They like her."));
  EXPECT_THAT(split_sentences("Is it? No. It was 5. So did I. He is 25. Fine."),
              ElementsAre("Is it?", "No.", "It was 5.", "So did I.", "He is 25.", "Fine."));
}

TEST(SplitSentences, CutsListsAtTheirLines) {
  EXPECT_THAT(split_sentences("To buy:\n- milk\n- eggs\n\n1. Go home.\n2. Rest\nb. Sleep"),
              ElementsAre("To buy:", "- milk", "- eggs", "1. Go home.", "2. Rest", "b. Sleep"));
  EXPECT_THAT(split_sentences("milk\neggs\r\nbread"), ElementsAre("milk", "eggs", "bread"));
}

TEST(SplitSentences, JoinsLinesWrappedByHand) {
  const std::string wrapped = "The quick brown fox jumps over the lazy dog,\nand then it sleeps.";
  EXPECT_THAT(split_sentences(wrapped + "\nNext."), ElementsAre(wrapped, "Next."));
}

TEST(SplitSentences, KnowsTheStopsOfOtherScripts) {
  EXPECT_THAT(split_sentences("我喜欢茶。你呢？“好的。”完"),
              ElementsAre("我喜欢茶。", "你呢？", "“好的。”", "完"));
  EXPECT_THAT(split_sentences("मैं घर गया। वह आया।"), ElementsAre("मैं घर गया।", "वह आया।"));
}

TEST(SplitSentences, KeepsABlockOfCodeWhole) {
  const std::string block = "```cpp\nint a = 1;\n\nint b = 2.  ;\n```";
  EXPECT_THAT(split_sentences("Look:\n" + block + "\nDone."), ElementsAre("Look:", block, "Done."));
  EXPECT_THAT(split_sentences("```\nNever closed. So cut."),
              ElementsAre("```\nNever closed.", "So cut."));
}

TEST(SplitSentences, GivesWhatHasNoLettersToTheSentenceBefore) {
  EXPECT_THAT(split_sentences("Great! \U0001F600 Bye."), ElementsAre("Great!", "\U0001F600 Bye."));
  EXPECT_THAT(split_sentences("One.\n---\nTwo."), ElementsAre("One.\n---", "Two."));
  EXPECT_THAT(split_sentences("}\n}\nOne."), ElementsAre("}\n}\nOne."));
  EXPECT_THAT(split_sentences("---\n***"), ElementsAre("---\n***"));
}

std::string without_blanks(std::string_view text) {
  std::string rest;
  for (const char c : text) {
    if (std::string_view(" \t\n\r\v\f").find(c) == std::string_view::npos) rest += c;
  }
  return rest;
}

TEST(SplitSentences, LosesNoCharacterOfRandomTexts) {
  const std::string pieces[] = {"word", " ",  ". ", "! ",  "\n", "ä",   "記。", "😀",    "...",
                                "? ",   "  ", "- ", "Dr.", "5.", "```", "\"",   "\r\n", "\xFF",
                                "…",    "}",  "A",  "。",  ")",  "?",   "\xE2", "i."};
  std::mt19937 random(41);
  for (int round = 0; round < 20'000; ++round) {
    SCOPED_TRACE(round);
    std::string text;
    for (auto i = random() % 40; i > 0; --i) text += pieces[random() % std::size(pieces)];

    std::string joined;
    const char* end = text.data();
    for (const std::string_view sentence : split_sentences(text)) {
      ASSERT_FALSE(sentence.empty());
      ASSERT_GE(sentence.data(), end);
      end = sentence.data() + sentence.size();
      joined += without_blanks(sentence);
    }
    ASSERT_EQ(joined, without_blanks(text)) << text;
  }
}

TEST(Sentences, AreCompleteWithAStopThatIsNoQuestionMark) {
  for (const char* complete :
       {"One.", "One!", "\"One.\"", "One. (Two.)", "One...", "One. \U0001F600", "One.\n---", "好。",
        "“好的。”", "वह आया।", "He said 'no.'"}) {
    EXPECT_TRUE(is_complete(complete)) << complete;
  }
  for (const char* open : {"", "One", "One?", "One?!", "Code:", "- milk", "2291", "\"One?\"", "好",
                           "好吗？", "هل؟", "# Trip", "One. Two", "}", "```\nx = 1\n```"}) {
    EXPECT_FALSE(is_complete(open)) << open;
  }
}

std::vector<std::string> words(std::string_view sentence) {
  std::vector<std::string> words;
  visit_words(sentence, [&](const SentenceWord& word) {
    words.push_back(std::string(word.folded) + (word.is_capitalised ? "^" : "") +
                    (word.is_first ? "<" : "") + (word.has_digit ? "#" : "") +
                    (word.is_sign ? "~" : ""));
  });
  return words;
}

TEST(VisitWords, TellsNumbersNamesAndSigns) {
  EXPECT_THAT(words("It’s -5.5 in Oslo, \"well-known\" since 2024-05-01 10:30!"),
              ElementsAre("it's^<", "-5.5#", "in", "oslo^", "well", "known", "since", "2024-05-01#",
                          "10:30#"));
  EXPECT_THAT(words("$5 < 1,000 C++?"),
              ElementsAre("$<~", "5<#", "<~", "1,000#", "c^", "+~", "+~", "?~"));
  EXPECT_THAT(words("会议5点"), ElementsAre("会<", "议", "5#", "点"));
}

}  // namespace
}  // namespace tulving::model
