// What a word is found by besides itself, as a person would look for it: names in camel case by
// their words, compounds written as one, versions, letters without accents, names that are stop
// words. A form counts for less than the word, whatever the texts: a property over random ones.

#include "index/text/analysis/word_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "index/text/text_index.h"
#include "tests/index/text/search_text.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Rows = std::vector<std::uint32_t>;

class Texts {
 public:
  explicit Texts(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) index.set(count++, text);
  }
  [[nodiscard]] Rows found(std::string_view query) const {
    Rows rows;
    for (const ScoredRow& row : search(index, {.text = query}).rows) rows.push_back(row.row);
    return rows;
  }

  TextIndex index;
  std::uint32_t count = 0;
};

TEST(WordForms, AreFoundByTheWordsOfANameInCamelCase) {
  const Texts texts(
      {"parseHttpHeader drops folded lines", "The HTTPServer and its header", "none"});
  for (const auto* query : {"parseHttpHeader", "parsehttpheader", "httpheader", "parse http"}) {
    ASSERT_FALSE(texts.found(query).empty()) << query;
    EXPECT_EQ(texts.found(query).front(), 0U) << query;
  }
  EXPECT_THAT(texts.found("header"), ElementsAre(1, 0)) << "the word itself counts for more";
  EXPECT_THAT(texts.found("server"), ElementsAre(1));
  EXPECT_THAT(Texts({"two PDFs and IDs"}).found("DFs"), IsEmpty());
}

TEST(WordForms, AreFoundAsOneOrApart) {
  const Texts texts({"load_user_profile reads the cache", "the e-mail team", "Node.js 18 is pinned",
                     "ADR-016 says so", "made by gpt-4o-mini"});
  EXPECT_THAT(texts.found("loadUserProfile"), ElementsAre(0));
  EXPECT_THAT(texts.found("user profile"), ElementsAre(0));
  EXPECT_THAT(texts.found("email"), ElementsAre(1));
  EXPECT_THAT(texts.found("nodejs"), ElementsAre(2));
  for (const auto* query : {"ADR-016", "adr016", "ADR 16", "ADR-16", "adr16", "adr"}) {
    EXPECT_THAT(texts.found(query), ElementsAre(3)) << query;
  }
  for (const auto* query : {"gpt-4o", "gpt4o", "GPT-4o-mini", "4o mini"}) {
    EXPECT_THAT(texts.found(query), ElementsAre(4)) << query;
  }
  EXPECT_THAT(Texts({"on 2023-05-08"}).found("20230508"), IsEmpty());
}

TEST(WordForms, TellVersionsApart) {
  const Texts texts({"Release v2.10.3 fixed the leak", "but not 2.1.03", "nor 2.100.3", "at 1.05"});
  for (const auto* query : {"v2.10.3", "2.10.3", "2.10", "v2.10"}) {
    EXPECT_THAT(texts.found(query), ElementsAre(0)) << query;
  }
  EXPECT_THAT(texts.found("1.5"), IsEmpty());
  EXPECT_THAT(Texts({"error 0x80070005"}).found("80070005"), ElementsAre(0));
  EXPECT_THAT(Texts({"1,250.50 euros"}).found("1250.50"), ElementsAre(0));
  EXPECT_THAT(Texts({"1,250.50 euros"}).found("1250"), ElementsAre(0));
  EXPECT_EQ(fold_number("adr007"), "adr7");
  EXPECT_EQ(fold_number("100"), "100");
  EXPECT_EQ(fold_number("0.05"), "0.05");
  EXPECT_EQ(fold_number("000"), "0");
}

TEST(WordForms, TellLanguagesApartByTheirSigns) {
  const Texts texts(
      {"written in C", "written in C++", "written in C#", "written for .NET 4.8", "a fishing net"});
  EXPECT_THAT(texts.found("C"), ElementsAre(0));
  EXPECT_THAT(texts.found("c++"), ElementsAre(1));
  EXPECT_THAT(texts.found("C#"), ElementsAre(2));
  EXPECT_THAT(texts.found(".NET"), ElementsAre(3));
  EXPECT_THAT(texts.found("net"), ElementsAre(4, 3)) << "NET 4.8 is how .NET 4.8 is also written";
  EXPECT_THAT(texts.found("(C++/C#)"), ElementsAre(1, 2));
}

TEST(WordForms, AreFoundWithoutTheirAccents) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> words = {
      {"café", {"cafe", "CAFE", "cafés", "cafè"}},
      {"Besançon", {"besancon", "BESANÇON"}},
      {"İstanbul", {"istanbul", "ISTANBUL", "i̇stanbul"}},
      {"Işık", {"ışık", "IŞIK", "isik"}},
      {"ΑΘΗΝΑ", {"Αθήνα", "αθηνα", "αθήνα"}},
      {"ёлка", {"елка", "ЕЛКА"}},
      {"أحمد", {"احمد"}},
      {"كِتَابٌ", {"كتاب"}},
      {"phở", {"pho"}},
      {"Łódź", {"lodz"}},
      {"cafe", {"café"}},
  };
  for (const auto& [text, queries] : words) {
    const Texts texts({text, "another"});
    for (const std::string& query : queries) {
      EXPECT_THAT(texts.found(query), ElementsAre(0)) << query << " for " << text;
    }
  }
  EXPECT_THAT(Texts({"мои"}).found("мой"), IsEmpty()) << "a letter, not an accent";
  EXPECT_THAT(Texts({"की"}).found("क"), IsEmpty()) << "a vowel";
}

TEST(WordForms, FindANameThatIsAStopWord) {
  const Texts texts({"Will drives to work", "She said that she will come", "We heard The Who play",
                     "Who played? Will you?"});
  EXPECT_THAT(texts.found("Will"), testing::Contains(0U));
  EXPECT_THAT(texts.found("who is Will"), testing::Not(testing::Contains(1U)));
  EXPECT_THAT(texts.found("The Who"), ElementsAre(2));
  EXPECT_THAT(texts.found("will"), IsEmpty());
  EXPECT_EQ(search(texts.index, {.text = "What is it?"}).terms, 0U);
  EXPECT_THAT(Texts({"Don't go. Don asks"}).found("Don"), ElementsAre(0));
  EXPECT_THAT(Texts({"Don't go"}).found("Don"), IsEmpty());
}

TEST(WordForms, OfWordsBesideATextCountForLess) {
  TextIndex index;
  const std::vector<std::string_view> tags = {"Travel Plans", "C++", "café"};
  index.set(0, "We talked a while", tags);
  index.set(1, "We made plans and travel");
  index.set(2, "", tags);
  EXPECT_EQ(search(index, {.text = "travel plan"}).rows.front().row, 1U);
  for (const auto* query : {"plan", "c++", "cafe", "Café"}) {
    EXPECT_GE(search(index, {.text = query}).rows.size(), 2U) << query;
  }
  index.set(0, "We talked a while");
  EXPECT_THAT(search(index, {.text = "c++"}).rows, testing::SizeIs(1));
  EXPECT_NE(TextIndex::digest_of("a", tags), TextIndex::digest_of("a"));
  EXPECT_EQ(index.digest(2), TextIndex::digest_of("", tags));
}

TEST(WordForms, BesideALongTextCountInEveryPassage) {
  TextIndex index;
  std::string text;
  for (int i = 0; i < 200; ++i) text += "word" + std::to_string(i) + " ";
  const std::vector<std::string_view> tags = {"zebra"};
  index.set(0, text, tags);
  index.set(1, text);
  const auto score = [&](const std::string& query) {
    return search(index, {.text = query}).rows.front().score;
  };
  EXPECT_EQ(search(index, {.text = "zebra word150"}).rows.front().row, 0U);
  EXPECT_GT(score("zebra word150"), score("word150"));
  EXPECT_GT(score("zebra word5"), score("word5"));
}

/// In texts that differ in one word alone, the word as asked for comes before any form of it.
TEST(WordForms, NeverCountForMoreThanTheWord) {
  const std::vector<std::vector<std::string>> kinds = {{"cafe", "café"},
                                                       {"café", "cafe"},
                                                       {"header", "httpHeader"},
                                                       {"2.10.3", "v2.10.3"},
                                                       {"2.10", "2.10.3"},
                                                       {"email", "e-mail"},
                                                       {"16", "016"},
                                                       {"adr016", "ADR-16"},
                                                       {"nodejs", "Node.js"},
                                                       {"istanbul", "i\u0307stanbul"}};
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    const auto& words = kinds[random() % kinds.size()];
    std::string around;
    for (auto n = random() % 60; n > 0; --n) around += " w" + std::to_string(random() % 40);
    TextIndex index;
    const std::uint32_t exact = random() % 2;
    index.set(exact, words[0] + around);
    index.set(1 - exact, words[1] + around);
    for (std::uint32_t row = 2; row < 2 + random() % 20; ++row) {  // how common each is
      index.set(row, words[random() % 2] + " other" + std::to_string(random()) + around);
    }
    const auto found = search(index, {.text = words[0], .k = 50}).rows;
    float exact_score = 0, form_score = 0;
    for (const ScoredRow& row : found) {
      if (row.row == exact) exact_score = row.score;
      if (row.row == 1 - exact) form_score = row.score;
    }
    ASSERT_GT(form_score, 0.0F) << words[1];
    // The form's text may be longer by a word, never shorter.
    ASSERT_GT(exact_score, form_score) << words[0] << " and " << words[1];
  }
}

}  // namespace
}  // namespace tulving::index
