// Pieces spell their text, no other spelling has a better score (every one is tried), and nothing
// that a text can be makes trouble.

#include "core/embedding/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

namespace tulving::embedding {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kSpace = "\xE2\x96\x81";

struct Vocabulary {
  std::vector<std::string> pieces{"?", "<s>"};
  std::vector<double> scores{0, 0};
  void add(const std::string& piece, double score) {
    pieces.push_back(piece);
    scores.push_back(score);
  }
  [[nodiscard]] Tokenizer tokenizer() const { return {pieces, scores, 2}; }
};

Vocabulary small() {
  Vocabulary words;
  words.add(kSpace, -3);          // 2
  words.add(kSpace + "the", -2);  // 3
  words.add("t", -5);             // 4
  words.add("h", -5);             // 5
  words.add("e", -5);             // 6
  words.add("fi", -4);            // 7
  words.add("\xC3\xA9", -6);      // 8: e with an acute accent
  words.add(kSpace + "?", -1);    // 9
  return words;
}

TEST(Tokenizer, SpellsByTheBestPieces) {
  const Tokenizer words = small().tokenizer();
  EXPECT_THAT(words.pieces_of("the", 99), ElementsAre(3));
  EXPECT_THAT(words.pieces_of("the he", 99), ElementsAre(3, 2, 5, 6));
  EXPECT_THAT(words.pieces_of("?", 99), ElementsAre(9));
  EXPECT_THAT(words.pieces_of("", 99), IsEmpty());
  EXPECT_THAT(words.pieces_of("  ", 99), ElementsAre(2, 2, 2));
}

TEST(Tokenizer, FoldsCompatibleCharacters) {
  const Tokenizer words = small().tokenizer();
  EXPECT_THAT(words.pieces_of("\xEF\xAC\x81", 99), ElementsAre(2, 7));  // The ligature fi.
  EXPECT_THAT(words.pieces_of("e\xCC\x81", 99), ElementsAre(2, 8));     // Decomposed.
  EXPECT_THAT(words.pieces_of("\xC2\xA0the", 99), ElementsAre(2, 3));   // A no-break blank.
}

TEST(Tokenizer, ARunOfUnknownCharactersIsOnePiece) {
  const Tokenizer words = small().tokenizer();
  EXPECT_THAT(words.pieces_of("xyz", 99), ElementsAre(2, 0));
  EXPECT_THAT(words.pieces_of("x\xF0\x9F\x8D\x95ythexx", 99), ElementsAre(2, 0, 4, 5, 6, 0));
  EXPECT_THAT(words.pieces_of("x x", 99), ElementsAre(2, 0, 2, 0));
}

TEST(Tokenizer, TheReservedPiecesAreNoTexts) {
  EXPECT_THAT(small().tokenizer().pieces_of("<s>", 99), ElementsAre(2, 0));
}

TEST(Tokenizer, OfEqualPiecesTheLastCounts) {
  Vocabulary words = small();
  words.add("t", -0.5);
  EXPECT_THAT(words.tokenizer().pieces_of("t", 99), ElementsAre(2, words.pieces.size() - 1));
}

TEST(Tokenizer, GivesTheFirstPiecesAndNoMore) {
  const Tokenizer words = small().tokenizer();
  EXPECT_THAT(words.pieces_of("the he", 2), ElementsAre(3, 2));
  EXPECT_THAT(words.pieces_of("the", 0), IsEmpty());
}

// Best score of what is left of `symbols`, every spelling tried.
double best_score(const std::map<std::u32string, double>& scores, std::u32string_view left) {
  if (left.empty()) return 0;
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t length = 1; length <= left.size(); ++length) {
    const auto found = scores.find(std::u32string(left.substr(0, length)));
    if (found != scores.end()) {
      best = std::max(best, found->second + best_score(scores, left.substr(length)));
    }
  }
  return best;
}

TEST(Tokenizer, NoSpellingIsBetter) {
  constexpr std::uint32_t kSeed = 20'261'128;
  std::mt19937 random(kSeed);
  std::uniform_real_distribution<double> draw(-10, -0.1);
  for (int round = 0; round < 200; ++round) {
    Vocabulary words;
    std::map<std::u32string, double> scores;
    const auto add = [&](const std::string& ascii, bool after_space) {
      const std::u32string symbols =
          (after_space ? std::u32string(1, U'\u2581') : std::u32string()) +
          std::u32string(ascii.begin(), ascii.end());
      if (scores.contains(symbols)) return;
      scores[symbols] = draw(random);
      words.add((after_space ? kSpace : "") + ascii, scores[symbols]);
    };
    add("", true);
    for (char c = 'a'; c <= 'c'; ++c) add(std::string(1, c), false);
    for (int piece = 0; piece < 12; ++piece) {
      std::string letters;
      for (auto length = 1 + random() % 4; length > 0; --length) {
        letters += static_cast<char>('a' + random() % 3);
      }
      add(letters, random() % 3 == 0);
    }
    const Tokenizer tokenizer = words.tokenizer();
    std::string text;
    for (auto length = random() % 12; length > 0; --length) {
      text += "abc "[random() % 4];
    }
    std::u32string symbols;
    if (!text.empty()) symbols += U'\u2581';
    for (const char c : text) symbols += c == ' ' ? U'\u2581' : static_cast<char32_t>(c);

    std::string spelled;
    double score = 0;
    for (const std::uint32_t piece : tokenizer.pieces_of(text, 99)) {
      spelled += words.pieces[piece];
      score += words.scores[piece];
    }
    std::string wanted;
    for (const char32_t c : symbols) {
      wanted += c == U'\u2581' ? kSpace : std::string(1, static_cast<char>(c));
    }
    EXPECT_EQ(spelled, wanted) << "seed " << kSeed << " round " << round;
    EXPECT_NEAR(score, best_score(scores, symbols), 1e-9) << "seed " << kSeed << " round " << round;
  }
}

TEST(Tokenizer, ALetterThatIsNoPieceMayStandWithinOne) {
  Vocabulary words;
  words.add(kSpace, -1);  // 2
  words.add("ab", -1);    // 3: neither a nor b is a piece.
  const Tokenizer tokenizer = words.tokenizer();
  EXPECT_THAT(tokenizer.pieces_of("abab", 99), ElementsAre(2, 3, 3));
  EXPECT_THAT(tokenizer.pieces_of("abba", 99), ElementsAre(2, 3, 0));
}

TEST(Tokenizer, TakesEmptyAndOddVocabularies) {
  EXPECT_THAT(Vocabulary().tokenizer().pieces_of("any text", 99), ElementsAre(0));
  const Tokenizer nothing({}, {}, 6);
  EXPECT_THAT(nothing.pieces_of("any", 99), ElementsAre(0));
}

TEST(Tokenizer, ReadsTheBeginningOfAHugeText) {
  const Tokenizer words = small().tokenizer();
  // 64 MB: not looked at but for the first 32 KiB, which end within a character.
  std::string huge = "the ";
  while (huge.size() < 64'000'000) huge += "\xE4\xBD\xA0\xE5\xA5\xBD";
  EXPECT_THAT(words.pieces_of(huge, 128), ElementsAre(3, 2, 0));
  EXPECT_THAT(words.pieces_of(huge.substr(0, 70'000) + " the", 128), ElementsAre(3, 2, 0));
  std::string plain;
  while (plain.size() < 200'000) plain += "the ";
  EXPECT_THAT(words.pieces_of(plain, 128), SizeIs(128));
  EXPECT_THAT(words.pieces_of(plain, 128), Each(3));
}

TEST(Tokenizer, ReadsTextsThatGrowInNfkc) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "\xEF\xB7\xBA";  // U+FDFA: 18 characters each.
  EXPECT_THAT(small().tokenizer().pieces_of(text, 10), SizeIs(10));
}

}  // namespace
}  // namespace tulving::embedding
