// What is promised: every instruction set weighs sketches as the scalar one does, to the bit, at
// any length and alignment, and reads nothing beyond a row.

#include "index/kernels/sketch_kernels.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

class SketchKernelSet : public ::testing::TestWithParam<const SketchKernels*> {
 protected:
  std::vector<std::uint64_t> words(std::size_t count) {
    std::vector<std::uint64_t> drawn(count);
    for (std::uint64_t& word : drawn) word = random_();
    return drawn;
  }
  std::mt19937_64 random_{20261128};
};

// By the definition, bit by bit.
std::int32_t weight_of(const std::uint64_t* row, const std::uint64_t* planes, std::size_t words) {
  std::int32_t sum = 0;
  for (std::size_t bit = 0; bit < 64 * words; ++bit) {
    if ((row[bit / 64] >> (bit % 64) & 1U) == 0) continue;
    for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
      sum += static_cast<std::int32_t>(planes[plane * words + bit / 64] >> (bit % 64) & 1U)
             << plane;
    }
  }
  return sum;
}

TEST_P(SketchKernelSet, WeighsAsTheDefinitionSays) {
  for (const std::size_t count : {1U, 2U, 5U}) {
    for (const std::size_t length : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 15U, 24U, 25U, 125U, 1024U}) {
      // Each row and the planes in an allocation of their own: what is read beyond is found by
      // ASan.
      std::vector<std::vector<std::uint64_t>> rows;
      std::vector<const std::uint64_t*> pointers;
      for (std::size_t r = 0; r < count; ++r) rows.push_back(words(length));
      if (length > 100) rows[0].assign(length, ~std::uint64_t{0});  // The largest sums there are.
      for (const auto& row : rows) pointers.push_back(row.data());
      auto planes = words(kSketchPlanes * length);
      if (length > 100) planes.assign(planes.size(), ~std::uint64_t{0});
      std::vector<std::int32_t> sums(count + 1, 77);
      GetParam()->weigh(pointers.data(), count, planes.data(), length, sums.data());
      EXPECT_EQ(sums[count], 77);
      for (std::size_t r = 0; r < count; ++r) {
        EXPECT_EQ(sums[r], weight_of(pointers[r], planes.data(), length)) << length << " " << r;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, SketchKernelSet,
                         ::testing::ValuesIn(supported_sketch_kernels().begin(),
                                             supported_sketch_kernels().end()),
                         [](const auto& set) { return std::string(set.param->name); });

TEST(SketchKernelChoice, FollowsTheOtherKernels) {
  const std::string_view set = kernels().name;
  const std::string_view chosen = sketch_kernels().name;
  if (set == "scalar" || set == "avx2") {
    EXPECT_EQ(chosen, set);
  } else {
    EXPECT_TRUE(chosen == "avx2" || chosen == "avx512") << chosen;
  }
}

}  // namespace
}  // namespace tulving::index
