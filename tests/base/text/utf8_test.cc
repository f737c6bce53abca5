// A text passes exactly when Postgres would take it: well-formed UTF-8 without NUL. The oracle is a
// decoder written from RFC 3629's table; random bytes are put at every offset, so that the fast
// path's eight bytes and the slow path meet in all ways.

#include "core/base/text/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tulving {
namespace {

// RFC 3629, section 4: the length of the well-formed sequence at `i`, 0 when there is none.
std::size_t oracle_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t offset) -> unsigned {
    return i + offset < text.size() ? static_cast<unsigned char>(text[i + offset]) : 0U;
  };
  const auto between = [](unsigned value, unsigned low, unsigned high) {
    return value >= low && value <= high;
  };
  const auto tail = [&](std::size_t offset) { return between(byte(offset), 0x80, 0xBF); };
  const unsigned first = byte(0);
  if (between(first, 0x01, 0x7F)) return 1;
  if (between(first, 0xC2, 0xDF)) return tail(1) ? 2 : 0;
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (!between(byte(1), low, high) || !tail(2)) return 0;
  if (between(first, 0xE0, 0xEF)) return 3;
  return between(first, 0xF0, 0xF4) && tail(3) ? 4 : 0;
}

std::optional<std::size_t> oracle(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = oracle_length(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

TEST(Utf8, FindsTheFirstByteThatIsIllFormed) {
  for (const std::string bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xC3"}) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string text = std::string(before, 'a') + bad + "tail of the text";

      EXPECT_EQ(first_invalid_utf8(text), before) << before;
    }
  }
}

TEST(Utf8, FindsNulWhereverItStands) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, '\x7F');
      text[at] = '\0';

      EXPECT_EQ(first_invalid_utf8(text), at);
    }
  }
}

TEST(Utf8, AgreesWithTheTableOfRfc3629OnRandomBytes) {
  constexpr unsigned kSeed = 3;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const std::string pieces[] = {"plain text ", "ä", "記", "😀", "\x01", "a"};
  const std::string bytes =
      std::string("\0\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC2\xDF\xE0\xED\xEF", 14) +
      "\xF0\xF4\xF5\xFF";
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto i = random() % 12; i > 0; --i) text += pieces[random() % std::size(pieces)];
    if (round % 3 != 0) {
      for (auto i = 1 + random() % 3; i > 0; --i) {
        text.insert(random() % (text.size() + 1), 1, bytes[random() % bytes.size()]);
      }
    }

    ASSERT_EQ(first_invalid_utf8(text), oracle(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, TellsAsciiAtEveryLengthAndOffset) {
  for (std::size_t size = 0; size < 40; ++size) {
    EXPECT_TRUE(is_ascii(std::string(size, '\x7F')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';

      EXPECT_FALSE(is_ascii(text));
    }
  }
}

TEST(Utf8, PrefixCountsCodePointsAndNeverSplitsOne) {
  const std::string_view text = "aä記😀z";

  EXPECT_EQ(utf8_prefix(text, 0), "");
  EXPECT_EQ(utf8_prefix(text, 1), "a");
  EXPECT_EQ(utf8_prefix(text, 2), "aä");
  EXPECT_EQ(utf8_prefix(text, 3), "aä記");
  EXPECT_EQ(utf8_prefix(text, 4), "aä記😀");
  EXPECT_EQ(utf8_prefix(text, 5), text);
  EXPECT_EQ(utf8_prefix(text, 1000), text);
}

}  // namespace
}  // namespace tulving
