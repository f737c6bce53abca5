// What is promised: a merge of texts loses nothing. Every statement of every source is in it, as it
// was said; left out is only what is the same text but for NFC and white space; what is nearly the
// same stands side by side with its time, the newest last. No language's words are known to it.
// merge_text_random_test.cc holds it against random texts.

#include "core/merging/text/merge_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/merging/merge_testing.h"

namespace tulving::merging {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(MergeTexts, KeepEveryStatementOnceInTheOrderOfTime) {
  EXPECT_EQ(
      merged({"Alice likes tea. She lives in Paris.", "Bob is her brother. Alice likes tea."}),
      "Alice likes tea. She lives in Paris.\nBob is her brother.");
  EXPECT_EQ(merged({"One.", "two", "two", "Three!"}), "One.\ntwo\nThree!");
}

TEST(MergeTexts, TakeTextsForTheSameByCompositionAndWhiteSpaceAlone) {
  EXPECT_EQ(merged({"The same.\n\n  - Layout too.", "The same. - Layout  too."}),
            "The same.\n\n  - Layout too.");
  EXPECT_EQ(merged({"Caf\u00e9 is open.", "Cafe\u0301\u00a0is\topen. "}), "Caf\u00e9 is open.");
  EXPECT_EQ(merged({"", "Only one.", ""}), "Only one.");
  EXPECT_EQ(merged({}), "");
  EXPECT_EQ(merged({"", ""}), "");
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"One", "one"}, {"One.", "One"}, {"- one", "one"}, {"Wait!", "Wait."}}) {
    EXPECT_THAT(merged({a, b}), HasSubstr("\n")) << a << " / " << b;
  }
}

// Each pair became one of its two once.
TEST(MergeTexts, KeepBothOfWhatIsNearlyTheSameWithTheirDatesTheNewestLast) {
  const std::pair<const char*, const char*> kPairs[] = {
      {"Ana lives in York", "Ana lives in New York"},
      {"Femi was born in Guinea", "Femi was born in Equatorial Guinea"},
      {"Theo is allergic to milk", "Theo is allergic to coconut milk"},
      {"Zoe is president of the club", "Zoe is vice president of the club"},
      {"The flat costs 200 euros", "The flat costs 1 200 euros"},
      {"The router password is Hunter2", "The router password is HUNTER2"},
      {"The heater draws 5 mW", "The heater draws 5 MW"},
      {"Start the tool with -v", "Start the tool with -V"},
      {"Pia likes tea in the morning", "Pia no longer likes tea in the morning"},
      {"Pia likes jam in the morning", "Pia does not like jam in the morning"},
      {"Pia likes rye in the morning", "Pia doesn't like rye in the morning"},
      {"The cache is enabled", "The cache is disabled"},
      {"pw: plum", "pw: pear"},
      {"Ben works at Acme", "Ben quit Acme"},
      {"User prefers dark mode in editor", "The user prefers dark mode in the editor"},
      {"It is 5 degrees in Oslo", "It is -5 degrees in Oslo"},
      {"It costs $5 in Oslo", "It costs €5 in Oslo"},
      {"Write it in C for us", "Write it in C++ for us"},
      {"The server is v2.10.3", "The server is v2.1.03"},
      {"Anna isst heute Fisch", "Anna isst heute keinen Fisch"},
      {"Eva bor i Malmö", "Eva bor inte i Malmö"},
      {"Jan mieszka w Gdyni", "Jan nie mieszka w Gdyni"},
      {"Ali İzmir'de yaşıyor", "Ali İzmir'de yaşamıyor"},
      {"Анна ест рыбу дома", "Анна не ест рыбу дома"},
      {"Η Άννα τρώει ψάρι", "Η Άννα δεν τρώει ψάρι"},
      {"آنا ماهی می خورد", "آنا ماهی نمی خورد"},
      {"अना मछली खाती है", "अना मछली नहीं खाती है"},
      {"今天我喜欢喝绿茶", "今天我不喜欢喝绿茶"},
      {"会议在5点", "会议在6点"},
      {"田中さんは東京に住んでいます", "田中さんは東京に住んでいません"},
      {"그는 서울에 산다", "그는 서울에 안 산다"},
      {"แอนอาศัยอยู่ที่เชียงใหม่", "แอนไม่ได้อาศัยอยู่ที่เชียงใหม่"}};
  for (const auto& [a, b] : kPairs) {
    for (const char* stop : {"", ".", "。"}) {
      EXPECT_EQ(
          merged({std::string(a) + stop, std::string(b) + stop}),
          std::string(a) + " (as of 2024-05-01)" + stop + "\n" + b + " (as of 2024-05-02)" + stop);
    }
  }
}

TEST(MergeTexts, DateNothingThatHasLittleInCommon) {
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"Ana lives in York.", "The build needs g++ 12."},
           {"The visitor wifi password is plum until Friday.", "Bo's gate code is 7714."},
           {"我喜欢茶。", "会议在5点。"},
           {"We flew to Rome and it rained.", "My sister plays the violin on Thursdays."}}) {
    EXPECT_EQ(merged({a, b}), a + "\n" + b);
  }
}

TEST(MergeTexts, PutTheNewestLastWhereverItStood) {
  EXPECT_EQ(merged({"The code is 1.", "The code is 2.", "The code is 1."}),
            "The code is 2 (as of 2024-05-02).\nThe code is 1 (as of 2024-05-03).");
  EXPECT_EQ(merged({"Ana lives in York. Bo has a dog.", "Ivy is six. Ana lives in New York."}),
            "Ana lives in York (as of 2024-05-01).\nAna lives in New York (as of 2024-05-02).\n"
            "Bo has a dog.\nIvy is six.");
  EXPECT_EQ(merged({"Alice lives in Paris!", "Alice lives in New York"}),
            "Alice lives in Paris (as of 2024-05-01)!\nAlice lives in New York (as of 2024-05-02)");
}

// Also of one source, where another speaks of the same.
TEST(MergeTexts, DateAllThatIsNearlyTheSame) {
  EXPECT_EQ(merged({"Her code is 1. Her code is 2.", "Her code is 3."}),
            "Her code is 1 (as of 2024-05-01).\nHer code is 2 (as of 2024-05-01).\n"
            "Her code is 3 (as of 2024-05-02).");
  EXPECT_EQ(merged({"Her code is 1. Her code is 2.", "Ivy is six years old."}),
            "Her code is 1. Her code is 2.\nIvy is six years old.");
}

TEST(MergeTexts, DateToTheSecondWithinADayAndNotAtAllWithoutTimes) {
  auto sources = memories({"The code is 1.", "The code is 2."});
  sources[1].created_at = kMay1 + std::chrono::hours(3);
  EXPECT_EQ(merge_texts(sources).text,
            "The code is 1 (as of 2024-05-01T00:00:00Z).\nThe code is 2 (as of "
            "2024-05-01T03:00:00Z).");
  sources[1].created_at = sources[0].created_at;
  EXPECT_EQ(merge_texts(sources).text,
            "The code is 1 (as of 2024-05-01).\nThe code is 2 (as of 2024-05-01).");
  sources[1].created_at.reset();
  EXPECT_EQ(merge_texts(sources).text, "The code is 2.\nThe code is 1 (as of 2024-05-01).");
  sources[0].created_at.reset();
  EXPECT_EQ(merge_texts(sources).text, "The code is 1.\nThe code is 2.");
}

TEST(MergeTexts, KeepTheDatesOfAnEarlierMerge) {
  const std::string before = merged({"The code is 1.", "The code is 2."});
  auto sources = memories({before, "The code is 3.", "The code is 1."});
  for (auto& source : sources) source.created_at = *source.created_at + std::chrono::days(30);
  EXPECT_EQ(merge_texts(sources).text,
            "The code is 1 (as of 2024-05-01).\nThe code is 2 (as of 2024-05-02).\n"
            "The code is 3 (as of 2024-06-01).\nThe code is 1 (as of 2024-06-02).");
}

// A merge is as old as its oldest source, and what it says is not.
TEST(MergeTexts, TakeTheTimeOfWhatAMergeSaysFromWhoSaidIt) {
  auto origins = memories({"Ana likes tea.", "Her code is 1."});
  origins[1].created_at = kMay1 + std::chrono::days(40);
  auto sources = memories({merge_texts(origins).text, "Her code is 2."});
  sources[0].source_memory_ids = {Uuid::derive("test", "a"), Uuid::derive("test", "b")};
  EXPECT_EQ(merge_texts(sources, origins).text,
            "Ana likes tea.\nHer code is 2 (as of 2024-05-02).\nHer code is 1 (as of 2024-06-10).");
}

// Without its question, heading or list the same words say something else.
TEST(MergeTexts, LeaveNoAnswerWithoutItsQuestion) {
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"Is the gate locked? No.", "Is the shed painted? No."},
           {"Wifi password:\nplum", "Router login of Bo:\nplum"},
           {"Wifi password:\nplum", "Wifi password:\npear"},
           {"# Ana\n- 5 kg\n- 2 m", "# Bo Li\n- 5 kg\n- 3 m"},
           {"for a in x:\n  print(a)\nreturn", "while b > 0:\n  print(a)\nreturn"},
           {"門は閉まっていますか？いいえ。", "小屋は塗られていますか？いいえ。"}}) {
    const std::string text = without_dates(merged({a, b}));
    EXPECT_THAT(text, HasSubstr(a));
    EXPECT_THAT(text, HasSubstr(b));
  }
  EXPECT_EQ(merged({"Is it locked? No. Call me.", "Is it locked? No."}),
            "Is it locked? No. Call me.");
}

TEST(MergeTexts, LeaveOutALoneSentenceThatStandsInAnotherStatement) {
  const std::string full = "# Trip\nWe flew to Rome.\n\nIt rained a lot in Rome.\n";
  EXPECT_EQ(merged({"We flew to  Rome.", full}), full);
}

TEST(MergeTexts, KeepBlocksOfCodeWhole) {
  const std::string code = "Run this:\n```\nif (a) {\n}\nif (b) {\n}\n```";
  EXPECT_EQ(merged({code, "Then rest."}), code + "\nThen rest.");
  const std::string block = "```\nx = 1\ny = 2\nz = 3\n```";
  const std::string other = "```\nx = 1\ny = 2\nz = 4\n```";
  const std::string both = merged({block, other});
  EXPECT_EQ(both, block + "\n(as of 2024-05-01)\n" + other + "\n(as of 2024-05-02)");
  // The notes stay with their blocks.
  EXPECT_EQ(merged({both, "Ana lives in York."}), both + "\nAna lives in York.");
}

TEST(MergeTexts, TellWhereEachStatementEnded) {
  const auto sources = memories({"The code is 1. Same here.", "Same  here. The code is 2."});
  const MergedText merge = merge_texts(sources);
  std::vector<std::string> told;
  for (const StatementPlace& place : merge.statements) {
    told.push_back(sources[place.source].text.substr(place.source_offset, place.source_bytes) +
                   " -> " + merge.text.substr(place.merged_offset, place.merged_bytes) + " " +
                   std::to_string(static_cast<int>(place.fate)) + (place.is_dated ? " dated" : ""));
  }
  EXPECT_THAT(told, ElementsAre("The code is 1. -> The code is 1 (as of 2024-05-01). 0 dated",
                                "Same here. -> Same here. 0", "Same  here. -> Same here. 1",
                                "The code is 2. -> The code is 2 (as of 2024-05-02). 0 dated"));
}

// Bounded work: these would take hours if every pair were compared, or any scan were quadratic.
TEST(MergeTexts, TakeTextsOfAMegabyte) {
  constexpr std::size_t kBytes = 1'000'000;
  std::string one_sentence;
  while (one_sentence.size() < kBytes) one_sentence += "word ";
  std::vector<std::string> alike;
  for (int i = 0; i < 12; ++i) {
    std::string text;
    for (int line = 0; text.size() < kBytes; ++line) {
      text +=
          "Room " + std::to_string(line % 5000) + " of house " + std::to_string(i) + " is free.\n";
    }
    alike.push_back(text);
  }
  std::string stops;
  std::string braces;
  while (stops.size() < kBytes) stops += ". ? ! \n";
  while (braces.size() < kBytes) braces += "}\n\n";

  EXPECT_THAT(merged({one_sentence, one_sentence + "more"}), HasSubstr("more"));
  EXPECT_GT(merged(alike).size(), 12U * 5000 * 20);
  EXPECT_EQ(merged({stops}), stops);
  EXPECT_EQ(merged({braces}), braces);
}

}  // namespace
}  // namespace tulving::merging
