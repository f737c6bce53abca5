// What people and agents look for, in the forms in which they type it, and what they expect to find
// first. Where nothing is expected that is a limit, said here: no stems but English ones, no
// articles of Arabic and Hebrew, no kana for kana, no simplified for traditional characters.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "index/text/text_index.h"
#include "tests/index/text/search_text.h"

namespace tulving::index {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Name and text.
const Pairs& texts() {
  static const Pairs all = {
      {"snake", "The helper load_user_profile reads the cache before the database."},
      {"camel", "parseHttpHeader drops folded lines since the rewrite."},
      {"cpp", "She writes the renderer in C++ and the tests in Python."},
      {"csharp", "The billing service is written in C#."},
      {"dotnet", "The old client needs .NET 4.8 to start."},
      {"node", "Node.js 18.17.1 is pinned in the container."},
      {"adr", "ADR-016 says that events are append-only."},
      {"gpt", "The summaries are made by gpt-4o-mini."},
      {"url", "Docs live at https://wiki.example.org/handbook/on-call?tab=2#phones."},
      {"mail", "Write to ops+night@example.org when the pager fails."},
      {"path", "The key file is ssl/private/site_key.pem."},
      {"win", "Logs are under AppData\\Local\\app.log."},
      {"ver", "Release v2.10.3 fixed the leak, not 2.1.03."},
      {"will", "Will drives to work on Tuesdays."},
      {"thewho", "The Who play at eight."},
      {"apos", "Maria’s brother doesn’t eat fish."},
      {"cafe", "They met at the café in Besançon."},
      {"cafe-nfd", "The nai\u0308ve re\u0301sume\u0301 was rejected."},
      {"full", "Ｆｕｌｌ－ｗｉｄｔｈ invoice ＡＢ１２３."},
      {"strasse", "Ihre Wohnung ist in der Hauptstraße."},
      {"istanbul", "İstanbul uçuşu saat dokuzda."},
      {"isik", "Işık kapalıyken uyuyor."},
      {"moskva", "Встреча в Москве переносится на вторник."},
      {"yo", "Ёлка стоит в зале."},
      {"athina", "Η ΑΘΗΝΑ είναι η αφετηρία του ταξιδιού."},
      {"arabic", "موعد أحمد مع الطبيب يوم الخميس."},
      {"arabic2", "كِتَابٌ جَدِيدٌ على المكتب."},
      {"hebrew", "הפגישה נדחתה ליום שלישי."},
      {"hindi", "बैठक मंगलवार को है।"},
      {"thai", "การประชุมเลื่อนไปวันอังคาร"},
      {"ko", "회의는 화요일로 미뤄졌다."},
      {"ja", "東京カンファレンスの議事録は火曜日に届く。"},
      {"zh", "会议改到星期二下午三点。"},
      {"vi", "Cuộc họp dời sang thứ Ba."},
      {"vi-nfd", "Ba\u0300 ngoa\u0323i thi\u0301ch pho\u031B\u0309 bo\u0300."},
      {"emoji", "\U0001F389\U0001F973"},
      {"emoji2", "The launch went well \U0001F680 and the cake \U0001F382 was good."},
      {"zwsp", "zero\u200Bwidth\u200Dspace in the word kitchen\u00ADette"},
      {"hyph", "The co-operation with the e-mail team is well-known."},
      {"num", "The rent is 1,250.50 euros, paid on 03/04/2026."},
      {"phone", "Call +49 (0)30 901820 before noon."},
      {"hex", "The commit is 3f2a9c1d and the error is 0x80070005."},
  };
  return all;
}

/// Query, and the name of the text that comes first; empty: none is found.
const Pairs& expectations() {
  static const Pairs all = {
      {"load_user_profile", "snake"},
      {"user profile", "snake"},
      {"LOAD_USER_PROFILE", "snake"},
      {"loadUserProfile", "snake"},
      {"parseHttpHeader", "camel"},
      {"parse http header", "camel"},
      {"httpheader", "camel"},
      {"C++", "cpp"},
      {"C#", "csharp"},
      {"c++ renderer", "cpp"},
      {".NET", "dotnet"},
      {"NET 4.8", "dotnet"},
      {"node 18.17.1", "node"},
      {"18.17", "node"},
      {"nodejs", "node"},
      {"ADR-016", "adr"},
      {"ADR 16", "adr"},
      {"adr016", "adr"},
      {"gpt-4o-mini", "gpt"},
      {"gpt-4o", "gpt"},
      {"gpt4o", "gpt"},
      {"https://wiki.example.org/handbook/on-call", "url"},
      {"wiki.example.org", "url"},
      {"handbook", "url"},
      {"ops+night@example.org", "mail"},
      {"ops@example.org", "mail"},
      {"ssl/private/site_key.pem", "path"},
      {"site_key.pem", "path"},
      {"app.log", "win"},
      {"v2.10.3", "ver"},
      {"2.10.3", "ver"},
      {"v2.10", "ver"},
      {"Will", "will"},
      {"who is Will", "will"},
      {"Does Will drive?", "will"},
      {"The Who", "thewho"},
      {"who plays at eight", "thewho"},
      {"doesn't eat fish", "apos"},
      {"Maria's brother", "apos"},
      {"Marias brother", "apos"},
      {"café", "cafe"},
      {"cafe", "cafe"},
      {"cafe\u0301", "cafe"},
      {"Besancon", "cafe"},
      {"BESANÇON", "cafe"},
      {"résumé", "cafe-nfd"},
      {"resume", "cafe-nfd"},
      {"re\u0301sume\u0301", "cafe-nfd"},
      {"full-width invoice AB123", "full"},
      {"ＡＢ１２３", "full"},
      {"Hauptstrasse", "strasse"},
      {"HAUPTSTRASSE", "strasse"},
      {"Hauptstraße", "strasse"},
      {"istanbul", "istanbul"},
      {"ISTANBUL", "istanbul"},
      {"İstanbul", "istanbul"},
      {"i\u0307stanbul", "istanbul"},
      {"ışık", "isik"},
      {"Işık", "isik"},
      {"IŞIK", "isik"},
      {"isik", "isik"},
      {"МОСКВЕ", "moskva"},
      {"москве", "moskva"},
      {"Москва", ""},
      {"елка", "yo"},
      {"ёлка", "yo"},
      {"Αθήνα", "athina"},
      {"αθηνα", "athina"},
      {"ΑΘΗΝΑ", "athina"},
      {"أحمد", "arabic"},
      {"احمد", "arabic"},
      {"كتاب", "arabic2"},
      {"الطبيب", "arabic"},
      {"طبيب", ""},
      {"הפגישה", "hebrew"},
      {"פגישה", ""},
      {"बैठक", "hindi"},
      {"ประชุม", "thai"},
      {"회의", "ko"},
      {"회의를", "ko"},
      {"東京", "ja"},
      {"かんふぁれんす", ""},
      {"カンファレンス", "ja"},
      {"ｶﾝﾌｧﾚﾝｽ", "ja"},
      {"会", "zh"},
      {"星期二", "zh"},
      {"會議", ""},
      {"họp", "vi"},
      {"hop", "vi"},
      {"phở", "vi-nfd"},
      {"pho", "vi-nfd"},
      {"\U0001F389", ""},
      {"\U0001F680", ""},
      {"launch \U0001F680", "emoji2"},
      {"zerowidthspace", "zwsp"},
      {"kitchenette", "zwsp"},
      {"cooperation", "hyph"},
      {"co-operation", "hyph"},
      {"email", "hyph"},
      {"e-mail", "hyph"},
      {"well known", "hyph"},
      {"1250.50", "num"},
      {"1,250.50", "num"},
      {"1250", "num"},
      {"03/04/2026", "num"},
      {"2026-04-03", "num"},
      {"+4930901820", ""},
      {"901820", "phone"},
      {"3f2a9c1d", "hex"},
      {"0x80070005", "hex"},
      {"80070005", "hex"},
  };
  return all;
}

TEST(ExpectedHits, ComeFirst) {
  TextIndex index;
  for (std::uint32_t row = 0; row < texts().size(); ++row) index.set(row, texts()[row].second);
  for (const auto& [query, expected] : expectations()) {
    const auto found = search(index, {.text = query}).rows;
    EXPECT_EQ(found.empty() ? "" : texts()[found.front().row].first, expected) << query;
  }
}

TEST(ExpectedHits, AQueryWithNothingToLookForHasNoTerms) {
  const TextIndex index;
  for (const auto* query : {"", "the and of", "\U0001F389", "?! ...", "What is it?"}) {
    EXPECT_EQ(search(index, {.text = query}).terms, 0U) << query;
  }
  EXPECT_EQ(search(index, {.text = "launch \U0001F680"}).terms, 1U);
}

}  // namespace
}  // namespace tulving::index
