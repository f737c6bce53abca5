// A row's term list reads back as it was written, and bytes that encode_terms() would not write are
// refused, so that a list from a disk cannot mislead.

#include "index/text/term_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "index/text/inverted_index.h"
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
    std::set<std::uint32_t> ids = {0, UINT32_MAX};
    for (int i = 0; i < round % 60; ++i)
      ids.insert(static_cast<std::uint32_t>(random() >> random() % 32));
    std::vector<TermCount> written, read;
    for (const std::uint32_t id : ids) {
      written.push_back(
          {id, std::max<std::uint32_t>(1, static_cast<std::uint32_t>(random() >> random() % 32))});
    }
    std::vector<std::byte> list;
    encode_terms(written, list);
    ASSERT_TRUE(decode_terms(list, read)) << "seed " << seed;
    ASSERT_EQ(read, written) << "seed " << seed;
  }
}

TEST(TermList, TakesOneByteForACommonTerm) {
  std::vector<std::byte> list;
  encode_terms(std::vector<TermCount>{{0, 1}, {1, 1}, {60, 1}}, list);
  EXPECT_EQ(list, bytes({2, 2, 118}));
}

TEST(TermList, RefusesWhatItWouldNotWrite) {
  EXPECT_TRUE(is_refused(bytes({0})));                                // gap 0
  EXPECT_TRUE(is_refused(bytes({1, 2})));                             // gap 0, times 2
  EXPECT_TRUE(is_refused(bytes({3})));                                // times is missing
  EXPECT_TRUE(is_refused(bytes({3, 1})));                             // times 1 needs no number
  EXPECT_TRUE(is_refused(bytes({0x82, 0})));                          // not the shortest form
  EXPECT_TRUE(is_refused(bytes({0x82})));                             // ends within a number
  EXPECT_TRUE(is_refused(bytes({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1})));  // a number too long
  EXPECT_TRUE(is_refused(bytes({0x80, 0x80, 0x80, 0x80, 0x20, 2})));  // a term beyond 32 bits
}

}  // namespace
}  // namespace tulving::index
