// What is promised: a merge of texts loses nothing. Every unique sentence of every source, every
// number, name and negation is in it; each sentence once, in the order of time; contradictions stay
// side by side with their times.
//
// The properties are checked on random texts by an oracle that shares nothing with the merge but
// the splitter: it looks for each sentence, folded by its own few lines, in the folded merge; a
// sentence it does not find must have given way to one that has its words in order. Places in the
// answer are read back from both texts.

#include "core/merging/merge_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/model/sentences.h"

namespace tulving::merging {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Timestamp kMay1 = std::chrono::sys_days(std::chrono::year(2024) / 5 / 1);

// Each a day after the one before.
std::vector<Memory> memories(const std::vector<std::string>& texts) {
  std::vector<Memory> memories(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    memories[i].text = texts[i];
    memories[i].created_at = kMay1 + std::chrono::days(i);
  }
  return memories;
}

std::string merged(const std::vector<std::string>& texts) {
  return merge_texts(memories(texts)).text;
}

TEST(MergeTexts, KeepEveryUniqueSentenceOnceInTheOrderOfTime) {
  EXPECT_EQ(
      merged({"Alice likes tea. She lives in Paris.", "Bob is her brother. Alice likes tea."}),
      "Alice likes tea. She lives in Paris.\nBob is her brother.");
  EXPECT_EQ(merged({"One.", "two", "ONE", "Three!"}), "ONE\ntwo\nThree!");
}

TEST(MergeTexts, OfEqualTextsAreThatText) {
  EXPECT_EQ(merged({"The same.\n\n  - Layout too.", "The same. - layout too"}),
            "The same.\n\n  - Layout too.");
  EXPECT_EQ(merged({"", "Only one.", ""}), "Only one.");
  EXPECT_EQ(merged({}), "");
  EXPECT_EQ(merged({"", ""}), "");
}

TEST(MergeTexts, KeepTheFullerOfNearDuplicates) {
  EXPECT_EQ(
      merged({"User prefers dark mode in editor.", "The user prefers dark mode in the editor."}),
      "The user prefers dark mode in the editor.");
  EXPECT_EQ(
      merged({"Alice bought a green bike in Paris on Monday.", "Alice bought a bike in Paris."}),
      "Alice bought a green bike in Paris on Monday.\nAlice bought a bike in Paris.");
  EXPECT_EQ(merged({"Alice bought a bike in Paris.", "Alice bought a green bike in Paris."}),
            "Alice bought a green bike in Paris.");
}

TEST(MergeTexts, AreTheTextThatHoldsAllOfTheOthers) {
  const std::string full = "# Trip\nWe flew to Rome.\n\nIt rained a lot in Rome.\n";
  EXPECT_EQ(merged({"It rained in Rome.", full, "we flew to Rome"}), full);
}

struct Pair {
  std::string a;
  std::string b;
};

// Words of one are among the words of the other, but it says something else.
TEST(MergeTexts, KeepBothWhereTheLongerOneTakesSomethingBack) {
  for (const auto& [a, b] : std::vector<Pair>{
           {"Alice eats fish on most days.", "Alice never eats fish on most days."},
           {"Alice does eat fish on most days.", "Alice doesn't eat fish on most days."},
           {"Alice moves to Rome in May.", "Alice moves to Rome in May maybe."},
           {"The car cost five dollars in all.", "The car cost five thousand dollars in all."},
           {"Alice works at Acme in Rome.", "Alice formerly works at Acme in Rome."},
           {"Alice is at home today.", "Is Alice at home today?"},
           {"Alice is at home.", "Alice is at home?"},
           {"Anna isst heute Fisch.", "Anna isst heute nicht Fisch."},
           {"Анна сегодня ест рыбу дома.", "Анна сегодня не ест рыбу дома."},
           {"今天我喜欢喝绿茶。", "今天我不喜欢喝绿茶。"},
           {"It is 5 degrees in Oslo.", "It is -5 degrees in Oslo."},
           {"It costs $5 in Oslo.", "It costs €5 in Oslo."},
           {"Write it in C for us.", "Write it in C++ for us."},
           {"He likes the US a lot", "He likes us a lot more"}}) {
    const std::string text = merged({a, b});
    // Without the final stop: a date may have come before it.
    EXPECT_THAT(text, HasSubstr(a.substr(0, a.size() - 3)));
    EXPECT_THAT(text, HasSubstr(b.substr(0, b.size() - 3)));
  }
}

TEST(MergeTexts, DateWhatContradicts) {
  EXPECT_EQ(
      merged({"The meeting is at 5 pm.", "The meeting is at 6 pm."}),
      "The meeting is at 5 pm (as of 2024-05-01).\nThe meeting is at 6 pm (as of 2024-05-02).");
  EXPECT_EQ(merged({"Alice lives in Paris!", "Alice lives in New York"}),
            "Alice lives in Paris (as of 2024-05-01)!\nAlice lives in New York (as of 2024-05-02)");
  EXPECT_EQ(merged({"Alice likes tea.", "Alice does not like tea."}),
            "Alice likes tea.\nAlice does not like tea.");
  EXPECT_EQ(merged({"The door is open.", "The door is not open."}),
            "The door is open (as of 2024-05-01).\nThe door is not open (as of 2024-05-02).");
  EXPECT_EQ(merged({"会议在5点。", "会议在6点。"}),
            "会议在5点 (as of 2024-05-01)。\n会议在6点 (as of 2024-05-02)。");
}

TEST(MergeTexts, DateAValueByWhenItWasLastSaid) {
  EXPECT_EQ(merged({"The code is 1.", "The code is 2.", "The code is 1."}),
            "The code is 1 (as of 2024-05-03).\nThe code is 2 (as of 2024-05-02).");
}

TEST(MergeTexts, DateToTheSecondWithinADayAndNotAtAllWithoutTimes) {
  auto sources = memories({"The code is 1.", "The code is 2."});
  sources[1].created_at = kMay1 + std::chrono::hours(3);
  EXPECT_EQ(merge_texts(sources).text,
            "The code is 1 (as of 2024-05-01T00:00:00Z).\nThe code is 2 (as of "
            "2024-05-01T03:00:00Z).");
  sources[1].created_at = sources[0].created_at;
  EXPECT_EQ(merge_texts(sources).text, "The code is 1.\nThe code is 2.");
  sources[1].created_at.reset();
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

TEST(MergeTexts, SayNothingOfSubjectsThatDiffer) {
  EXPECT_EQ(merged({"Alice likes green tea.", "Bob likes green tea."}),
            "Alice likes green tea.\nBob likes green tea.");
}

TEST(MergeTexts, KeepBlocksOfCodeWhole) {
  const std::string code = "Run this:\n```\nif (a) {\n}\nif (b) {\n}\n```";
  EXPECT_EQ(merged({code, "Then rest."}), code + "\nThen rest.");
}

TEST(MergeTexts, TellWhereEachSentenceEnded) {
  const auto sources = memories(
      {"The code is 1. Same.", "same! The code is 2.", "Ann has a bike.", "Ann has a red bike."});
  const MergedText merge = merge_texts(sources);
  std::vector<std::string> told;
  for (const SentencePlace& place : merge.sentences) {
    told.push_back(sources[place.source].text.substr(place.source_offset, place.source_bytes) +
                   " -> " + merge.text.substr(place.merged_offset, place.merged_bytes) + " " +
                   std::to_string(static_cast<int>(place.fate)) + (place.is_dated ? " dated" : ""));
  }
  EXPECT_THAT(told, ElementsAre("The code is 1. -> The code is 1 (as of 2024-05-01). 0 dated",
                                "Same. -> Same. 0", "same! -> Same. 1",
                                "The code is 2. -> The code is 2 (as of 2024-05-02). 0 dated",
                                "Ann has a bike. -> Ann has a red bike. 2",
                                "Ann has a red bike. -> Ann has a red bike. 0"));
}

// The oracle's folding: ASCII lower case, single blanks, no bullet.
std::string fold(std::string_view text) {
  if (text.starts_with("- ")) text.remove_prefix(2);
  std::string folded;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (blank && (folded.empty() || folded.back() == ' ')) continue;
    folded += blank ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return folded;
}

std::string without_final_stops(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == '!')) text.pop_back();
  return text;
}

std::vector<std::string> words(std::string text) {
  for (char& c : text) {
    if (c == '.' || c == '!' || c == '-' || c == '?') c = ' ';
  }
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    if (word != "a" && word != "the") words.push_back(word);
  }
  return words;
}

bool is_subsequence(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  auto next = part.begin();
  for (const auto& word : whole) {
    if (next != part.end() && *next == word) ++next;
  }
  return next == part.end();
}

class RandomTexts {
 public:
  explicit RandomTexts(unsigned seed) : random_(seed) {}

  std::vector<std::string> texts() {
    std::vector<std::string> texts(1 + below(12));
    for (auto& text : texts) {
      for (std::size_t i = below(8); i > 0; --i) text += sentence() + gap();
    }
    return texts;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  template <std::size_t n>
  std::string pick(const char* const (&choices)[n]) {
    return choices[below(n)];
  }

  // Few words, so that sentences repeat, nearly repeat and contradict each other.
  std::string sentence() {
    std::string sentence = pick({"Alice", "The user", "Dr. Who", "bob", "It"});
    for (std::size_t i = 1 + below(5); i > 0; --i) {
      sentence +=
          " " + pick({"likes", "not", "never", "3.14", "7", "8", "Paris", "Rome", "the", "green",
                      "tea", "http://x.org/a.b?c=D.", "e.g.", "$5", "a", "doesn't"});
    }
    return sentence + pick({".", "!", "?", ".", "..."});
  }
  std::string gap() { return pick({" ", " ", "\n", "\n\n- ", "  "}); }

  std::mt19937 random_;
};

TEST(MergeTexts, LoseNothingOfRandomTexts) {
  std::size_t dropped = 0;
  std::size_t dated = 0;
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    const auto sources = memories(RandomTexts(seed).texts());
    const MergedText merge = merge_texts(sources);
    const std::string folded = fold(merge.text);

    std::size_t next = 0;
    for (std::uint32_t s = 0; s < sources.size(); ++s) {
      for (const std::string_view sentence : model::split_sentences(sources[s].text)) {
        ASSERT_LT(next, merge.sentences.size());
        const SentencePlace& place = merge.sentences[next++];
        ASSERT_EQ(place.source, s);
        ASSERT_EQ(sources[s].text.substr(place.source_offset, place.source_bytes), sentence);
        const std::string kept = merge.text.substr(place.merged_offset, place.merged_bytes);
        dated += place.is_dated ? 1 : 0;
        const std::string wanted = without_final_stops(fold(sentence));
        if (folded.find(wanted) != std::string::npos) continue;
        ++dropped;
        ASSERT_EQ(place.fate, SentenceFate::kNearDuplicate) << sentence << "\n" << merge.text;
        ASSERT_TRUE(is_subsequence(words(wanted), words(fold(kept)))) << sentence << "\n" << kept;
        for (const std::string negation : {"not", "never", "doesn't"}) {
          ASSERT_EQ(std::ranges::count(words(wanted), negation),
                    std::ranges::count(words(fold(kept)), negation))
              << sentence << "\n"
              << kept;
        }
      }
    }
    ASSERT_EQ(next, merge.sentences.size());
  }
  // The oracle had something to look at.
  EXPECT_GT(dropped, 100U);
  EXPECT_GT(dated, 100U);
}

TEST(MergeTexts, SayNoSentenceTwiceUnlessOneSourceDoes) {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    const auto sources = memories(RandomTexts(seed).texts());
    const MergedText merge = merge_texts(sources);
    std::set<std::pair<std::size_t, std::size_t>> places;
    std::size_t kept = 0;
    for (const SentencePlace& place : merge.sentences) {
      places.insert({place.merged_offset, place.merged_bytes});
      if (place.fate == SentenceFate::kKept) ++kept;
    }
    ASSERT_EQ(places.size(), kept);
    const bool is_a_source = std::ranges::any_of(
        sources, [&](const Memory& source) { return source.text == merge.text; });
    if (is_a_source) continue;
    std::set<std::string> seen;
    for (const std::string_view sentence : model::split_sentences(merge.text)) {
      ASSERT_TRUE(seen.insert(without_final_stops(fold(sentence))).second) << sentence;
    }
  }
}

TEST(MergeTexts, AreTheSameForTheSameSources) {
  const auto sources = memories(RandomTexts(5).texts());
  EXPECT_EQ(merge_texts(sources).text, merge_texts(sources).text);
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
