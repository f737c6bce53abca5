// UUIDs are RFC 4122 version 4: read strictly, written in lower case, and derived from a caller's
// name alike on every machine. The derived ones are pinned: were they to change, an import repeated
// after an upgrade would add every memory a second time.

#include "tulving/uuid.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace tulving {
namespace {

bool is_version_4(const Uuid& id) {
  const std::string text = id.to_string();
  return text[14] == '4' && std::string_view("89ab").find(text[19]) != std::string_view::npos;
}

TEST(Uuid, ReadsBothCasesAndWritesTheLower) {
  const auto id = Uuid::parse("F47AC10B-58CC-4372-A567-0E02B2C3D479");

  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), "f47ac10b-58cc-4372-a567-0e02b2c3d479");
  EXPECT_EQ(id->bytes[0], 0xF4);
  EXPECT_EQ(id->bytes[15], 0x79);
  EXPECT_EQ(Uuid::parse(id->to_string()), id);
}

TEST(Uuid, RefusesWhatIsNotVersion4OrNotItsForm) {
  for (const char* text : {
           "",
           "f47ac10b",
           "f47ac10b58cc4372a5670e02b2c3d479",
           "00000000-0000-0000-0000-000000000000",   // nil
           "f47ac10b-58cc-1372-a567-0e02b2c3d479",   // version 1
           "f47ac10b-58cc-5372-a567-0e02b2c3d479",   // version 5
           "f47ac10b-58cc-4372-2567-0e02b2c3d479",   // another variant
           "f47ac10b-58cc-4372-c567-0e02b2c3d479",   // another variant
           "f47ac10b-58cc-4372-a567-0e02b2c3d47g",   // no digit
           "f47ac10b-58cc-4372-a567-0e02b2c3d47",    // short
           "f47ac10b-58cc-4372-a567-0e02b2c3d4790",  // long
           "f47ac10b-58cc-4372-a5670-e02b2c3d479",   // hyphen out of place
           "f47ac10b058cc04372-a567-0e02b2c3d479",   // digit for a hyphen
           "{f47ac10b-58cc-4372-a567-0e02b2c3d4}",
       }) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

// Computed with Python: md5 of each part preceded by its length as eight bytes, little end first.
TEST(Uuid, DerivesTheSameIdOnEveryMachineAndInEveryRelease) {
  EXPECT_EQ(Uuid::derive("acme", "note-1").to_string(), "ba757e7d-2102-4d14-9ca4-5d3a8619be32");
  EXPECT_EQ(Uuid::derive("", "").to_string(), "0a69185e-3681-4d5f-af65-2185bfff9e20");
  EXPECT_EQ(Uuid::derive("größe", "記憶").to_string(), "2cdaae2e-7315-491b-90f7-f62fed12358f");
}

TEST(Uuid, DerivesVersion4) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(is_version_4(Uuid::derive("acme", std::to_string(i))));
}

TEST(Uuid, DerivesDifferentIdsFromPairsThatJoinToTheSameText) {
  EXPECT_NE(Uuid::derive("ab", "c"), Uuid::derive("a", "bc"));
  EXPECT_NE(Uuid::derive("ab", ""), Uuid::derive("", "ab"));
}

TEST(Uuid, RandomOnesAreVersion4AndNeverTheSameAcrossThreads) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 5000;
  std::vector<std::vector<Uuid>> made(kThreads);
  std::vector<std::thread> threads;

  for (auto& ids : made) {
    threads.emplace_back([&ids] {
      for (std::size_t i = 0; i < kEach; ++i) ids.push_back(Uuid::random());
    });
  }
  for (auto& thread : threads) thread.join();

  std::set<Uuid> distinct;
  for (const auto& ids : made) {
    for (const auto& id : ids) {
      EXPECT_TRUE(is_version_4(id));
      distinct.insert(id);
    }
  }
  EXPECT_EQ(distinct.size(), kThreads * kEach);
}

// Of 5000 random ids, each of the 122 free bits is set in 2500, give or take 6 standard deviations
// (212).
TEST(Uuid, RandomOnesUseEveryFreeBit) {
  std::array<int, 128> set_bits{};
  for (int i = 0; i < 5000; ++i) {
    const Uuid id = Uuid::random();
    for (std::size_t bit = 0; bit < 128; ++bit)
      set_bits[bit] += (id.bytes[bit / 8] >> (bit % 8)) & 1;
  }

  for (std::size_t bit = 0; bit < 128; ++bit) {
    const bool fixed = (bit / 8 == 6 && bit % 8 >= 4) || (bit / 8 == 8 && bit % 8 >= 6);
    if (fixed) continue;
    EXPECT_NEAR(set_bits[bit], 2500, 212) << bit;
  }
}

TEST(Uuid, OrdersByItsBytes) {
  Uuid low;
  Uuid high;
  low.bytes[15] = 0xFF;
  high.bytes[0] = 1;

  EXPECT_LT(low, high);
  EXPECT_TRUE(Uuid{}.is_nil());
  EXPECT_FALSE(low.is_nil());
}

}  // namespace
}  // namespace tulving
