// How a text is cut into what an embedder reads: nothing is lost, nothing is too long.

#include "core/engine/embed/passages.h"

#include "tests/engine/embed/toy_embedder.h"

namespace tulving::engine {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;

std::string without_blanks(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (c != ' ' && c != '\n') letters += c;
  }
  return letters;
}

TEST(Passages, OfATextThatIsReadWholeAreOne) {
  ToyEmbedder toy;
  EXPECT_THAT(value_of(passages_of(toy, "One. Two. Three.")), ElementsAre("One. Two. Three."));
  EXPECT_THAT(value_of(passages_of(toy, "")), ElementsAre(""));
}

TEST(Passages, AreWholeSentencesAsManyAsAreRead) {
  ToyEmbedder toy;
  toy.words_read = 5;
  EXPECT_THAT(value_of(passages_of(toy, "A b c. D e. F g h i. J.\n\nK.")),
              ElementsAre("A b c. D e.", "F g h i. J.", "K."));
}

TEST(Passages, OfASentenceThatIsTooLongAreItsParts) {
  ToyEmbedder toy;
  toy.words_read = 3;
  for (const auto passage : value_of(passages_of(toy, "a b c d e f g h i j k"))) {
    EXPECT_LE(value_of(toy.length_of(passage)), 4U);  // A blank at its end counts here.
  }
  toy.words_read = 0;  // Nothing is short enough, and nothing can be cut.
  EXPECT_THAT(value_of(passages_of(toy, "word")), ElementsAre("word"));
}

// The property: together they are the text, in order, unless there are too many.
TEST(Passages, LoseNothing) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    ToyEmbedder toy;
    toy.words_read = 1 + random() % 9;
    std::string text;
    const std::size_t words = 1 + random() % 50;
    for (std::size_t i = 0; i < words; ++i) {
      text += "w" + std::to_string(random() % 100);
      text += random() % 5 == 0 ? ". W" : random() % 9 == 0 ? "\n\n" : " ";
    }
    const auto passages = value_of(passages_of(toy, text));
    ASSERT_LE(passages.size(), kPassagesMax);
    std::string joined;
    for (const auto passage : passages) joined += passage;
    EXPECT_EQ(without_blanks(joined), without_blanks(text)) << text;
  }
}

TEST(Passages, AreNoMoreThanAMemoryMayHave) {
  ToyEmbedder toy;
  toy.words_read = 1;
  std::string text;
  for (int i = 0; i < 500; ++i) text += "word ";
  EXPECT_EQ(value_of(passages_of(toy, text)).size(), kPassagesMax);
}

}  // namespace
}  // namespace tulving::engine
