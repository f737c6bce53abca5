// A row's term list reads back as it was written, and bytes that encode_terms() would not write are
// refused, so that a list from a disk cannot mislead.

#include "index/text/postings/term_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "index/text/postings/passages.h"
#include "index/text/postings/posting_list.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> list;
  for (const int value : values) list.push_back(static_cast<std::byte>(value));
  return list;
}

bool is_refused(const std::vector<std::byte>& list) {
  std::vector<TermCount> terms;
  return !decode_terms(list, terms);
}

TEST(TermList, ReadsBackWhatWasWritten) {
  const auto seed = test_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> places = {{0, 0}, {UINT32_MAX, kBeside}};
    for (int i = 0; i < round % 60; ++i) {
      const auto term = static_cast<std::uint32_t>(random() >> random() % 32);
      places.insert({term, 0});
      for (auto more = random() % 4; more > 1; --more) {
        places.insert({term, static_cast<std::uint32_t>(random() >> random() % 32) & kBeside});
      }
    }
    std::vector<TermCount> written, read;
    for (const auto& [term, block] : places) {
      const auto times =
          static_cast<std::uint32_t>(1 + random() % (random() % 4 == 0 ? kTimesMax : 2));
      written.push_back({term, block, times});
    }
    std::vector<std::byte> list;
    encode_terms(written, list);
    ASSERT_TRUE(decode_terms(list, read)) << "seed " << seed;
    ASSERT_EQ(read, written) << "seed " << seed;
  }
}

TEST(TermList, TakesOneByteForACommonTerm) {
  std::vector<std::byte> list;
  encode_terms(std::vector<TermCount>{{0, 0, 1}, {1, 0, 1}, {32, 0, 1}}, list);
  EXPECT_EQ(list, bytes({4, 4, 124}));
  list.clear();
  encode_terms(std::vector<TermCount>{{0, 0, 3}, {0, 1, 1}, {0, 4, 2}, {1, 2, 1}}, list);
  EXPECT_EQ(list, bytes({5, 3, 2, 1, 3, 3, 2, 6, 2}));
}

TEST(TermList, RefusesWhatItWouldNotWrite) {
  EXPECT_TRUE(is_refused(bytes({0})));                                // gap 0
  EXPECT_TRUE(is_refused(bytes({2, 1})));                             // gap 0 at the beginning
  EXPECT_TRUE(is_refused(bytes({4, 1, 2})));                          // the same block again
  EXPECT_TRUE(is_refused(bytes({6, 0})));                             // a step of 0
  EXPECT_TRUE(is_refused(bytes({6})));                                // the step is missing
  EXPECT_TRUE(is_refused(bytes({6, 0x80, 0x80, 0x80, 8})));           // a block beyond the last
  EXPECT_TRUE(is_refused(bytes({5})));                                // times is missing
  EXPECT_TRUE(is_refused(bytes({5, 1})));                             // times 1 needs no number
  EXPECT_TRUE(is_refused(bytes({5, 0x80, 2})));                       // times 256
  EXPECT_TRUE(is_refused(bytes({0x84, 0})));                          // not the shortest form
  EXPECT_TRUE(is_refused(bytes({0x84})));                             // ends within a number
  EXPECT_TRUE(is_refused(bytes({0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 1})));  // a number too long
  EXPECT_TRUE(is_refused(bytes({0x80, 0x80, 0x80, 0x80, 0x40, 4})));  // a term beyond 32 bits
}

}  // namespace
}  // namespace tulving::index
