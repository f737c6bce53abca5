// What is promised: every instruction set multiplies codes as the scalar one does, to the bit;
// those that fuse agree on floats to the bit, and with doubles but for rounding; a row's result is
// the same whatever rows are beside it, and nothing is read or written beyond.

#include "index/kernels/dense_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "index/kernels/kernels.h"
#include "index/vectors/rows/aligned_array.h"

namespace tulving::index {
namespace {

struct Size {
  std::size_t inputs, columns, rows;
};
// Rows around the tiles' heights, inputs from one step to more than a panel's.
const std::vector<Size> kSizes = {{4, 32, 1},   {8, 32, 2},    {64, 32, 3},
                                  {64, 64, 7},  {12, 96, 8},   {128, 64, 9},
                                  {36, 32, 16}, {256, 96, 17}, {512, 32, 23}};

class DenseKernelSet : public ::testing::TestWithParam<const DenseKernels*> {
 protected:
  std::vector<float> floats(std::size_t count) {
    std::normal_distribution<float> draw(0, 1);
    std::vector<float> drawn(count);
    for (float& x : drawn) x = draw(random_);
    return drawn;
  }
  std::mt19937_64 random_{20261128};
};

/// A matrix of floats as kernels want it.
struct Floats {
  Floats(const std::vector<float>& kernel, std::vector<float> biases, std::size_t inputs)
      : panels(make_aligned<float>(kernel.size())), bias(std::move(biases)) {
    const std::size_t columns = bias.size();
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t c = 0; c < columns; ++c) {
        const std::size_t first = c / kDenseColumns * kDenseColumns;
        panels[first * inputs + i * kDenseColumns + c - first] = kernel[i * columns + c];
      }
    }
    matrix = {panels.get(), bias.data(), inputs, columns};
  }
  AlignedArray<float> panels;
  std::vector<float> bias;
  FloatMatrix matrix;
};

TEST_P(DenseKernelSet, MultipliesFloatsAsTheDefinitionSays) {
  for (const auto& [inputs, columns, rows] : kSizes) {
    const std::vector<float> kernel = floats(inputs * columns);
    const Floats weights(kernel, floats(columns), inputs);
    const std::vector<float> x = floats(rows * inputs);
    std::vector<float> out(rows * columns + 1, 77.0F);
    GetParam()->multiply(weights.matrix, x.data(), rows, out.data());
    EXPECT_EQ(out.back(), 77.0F);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        double sum = double{weights.bias[c]}, size = std::abs(sum);
        for (std::size_t i = 0; i < inputs; ++i) {
          const double product = double{x[r * inputs + i]} * double{kernel[i * columns + c]};
          sum += product;
          size += std::abs(product);
        }
        EXPECT_NEAR(double{out[r * columns + c]}, sum, size * 1e-6)
            << inputs << " " << r << " " << c;
      }
      std::vector<float> alone(columns);
      GetParam()->multiply(weights.matrix, x.data() + r * inputs, 1, alone.data());
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(), out.data() + r * columns)) << r;
    }
    if (GetParam()->name != "scalar" && avx2_dense_kernels() != nullptr) {
      std::vector<float> fused(rows * columns);
      avx2_dense_kernels()->multiply(weights.matrix, x.data(), rows, fused.data());
      EXPECT_TRUE(std::equal(fused.begin(), fused.end(), out.begin()));
    }
  }
}

TEST_P(DenseKernelSet, MultipliesCodesAsTheDefinitionSays) {
  for (const auto& [inputs, columns, rows] : kSizes) {
    for (const bool is_extreme : {false, true}) {
      auto panels = make_aligned<std::int8_t>(inputs * columns);
      std::vector<std::int32_t> offsets(columns, 0);
      std::vector<int> kernel(inputs * columns);
      for (std::size_t i = 0; i < inputs; ++i) {
        for (std::size_t c = 0; c < columns; ++c) {
          // All of one sign: the largest sums there are, where 16 bits would saturate.
          const int code = is_extreme ? (c % 2 == 0 ? 127 : -127) : int(random_() % 255) - 127;
          kernel[i * columns + c] = code;
          offsets[c] += 128 * code;
          const std::size_t first = c / kDenseColumns * kDenseColumns;
          panels[first * inputs + i / kDenseStep * kDenseStep * kDenseColumns +
                 (c - first) * kDenseStep + i % kDenseStep] = static_cast<std::int8_t>(code);
        }
      }
      const std::vector<float> scales = floats(columns), bias = floats(columns),
                               row_scales = floats(rows);
      std::vector<std::uint8_t> x(rows * inputs);
      for (std::uint8_t& code : x) {
        code =
            static_cast<std::uint8_t>(is_extreme ? 1 + 254 * (random_() % 2) : 1 + random_() % 255);
      }
      std::vector<float> out(rows * columns + 1, 77.0F);
      GetParam()->multiply_codes(
          {panels.get(), scales.data(), offsets.data(), bias.data(), inputs, columns},
          {x.data(), row_scales.data(), rows}, out.data());
      EXPECT_EQ(out.back(), 77.0F);
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
          int sum = 0;
          for (std::size_t i = 0; i < inputs; ++i) {
            sum += (int{x[r * inputs + i]} - 128) * kernel[i * columns + c];
          }
          const float exact = std::fma(row_scales[r] * scales[c], static_cast<float>(sum), bias[c]);
          ASSERT_EQ(out[r * columns + c], exact) << inputs << " " << r << " " << c;
        }
      }
    }
  }
}

TEST_P(DenseKernelSet, MixesRowsAsTheDefinitionSays) {
  for (const std::size_t n : {1U, 7U, 16U, 31U, 32U, 63U, 64U, 65U, 128U, 200U}) {
    for (const std::size_t rows : {0U, 1U, 2U, 19U}) {
      const std::size_t stride = n + 5;
      // Nothing behind the last row's last component: what is read beyond is found by ASan.
      const std::vector<float> values = floats((std::max<std::size_t>(rows, 1) - 1) * stride + n);
      const std::vector<float> weights = floats(rows);
      std::vector<float> out(n + 1, 77.0F);
      GetParam()->mix(values.data(), stride, weights.data(), rows, n, out.data());
      EXPECT_EQ(out.back(), 77.0F);
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0, size = 0;
        for (std::size_t r = 0; r < rows; ++r) {
          sum += double{weights[r]} * double{values[r * stride + i]};
          size += std::abs(double{weights[r]} * double{values[r * stride + i]});
        }
        EXPECT_NEAR(double{out[i]}, sum, size * 1e-6) << n << " " << rows << " " << i;
      }
      if (GetParam()->name != "scalar" && avx2_dense_kernels() != nullptr) {
        std::vector<float> fused(n);
        avx2_dense_kernels()->mix(values.data(), stride, weights.data(), rows, n, fused.data());
        EXPECT_TRUE(std::equal(fused.begin(), fused.end(), out.begin())) << n << " " << rows;
      }
    }
  }
}

TEST_P(DenseKernelSet, NoRowsAreNothing) {
  const std::vector<float> kernel = floats(32 * 32);
  const Floats weights(kernel, floats(32), 32);
  GetParam()->multiply(weights.matrix, nullptr, 0, nullptr);
  GetParam()->multiply_codes({}, {}, nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, DenseKernelSet,
                         ::testing::ValuesIn(supported_dense_kernels().begin(),
                                             supported_dense_kernels().end()),
                         [](const auto& set) { return std::string(set.param->name); });

TEST(DenseKernelChoice, FollowsTheOtherKernels) { EXPECT_EQ(dense_kernels().name, kernels().name); }

}  // namespace
}  // namespace tulving::index
