// Numbers of any width, in any count, come out of their bits as they went in.

#include "index/text/postings/bit_packing.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

TEST(BitPacking, GivesBackWhatWasPacked) {
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    const std::uint32_t most = bits == 32 ? UINT32_MAX : (1U << bits) - 1;
    for (std::size_t count = 1; count <= 128; ++count) {
      std::vector<std::uint32_t> numbers;
      while (numbers.size() < count) {
        numbers.push_back(random() % 4 == 0 ? most : static_cast<std::uint32_t>(random()) & most);
      }
      std::vector<std::uint32_t> words(packed_words(count, bits));
      pack_bits(numbers, bits, words.data());
      std::array<Lanes, 32> unpacked;
      unpack_bits(words.data(), count, bits, unpacked.data());
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(unpacked[i / kLanes][i % kLanes], numbers[i]) << bits << " bits, number " << i;
      }
    }
  }
}

}  // namespace
}  // namespace tulving::index
