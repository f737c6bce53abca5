#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tulving::index {

/// The columns of n rows that a decay score is made of.
struct DecayColumns {
  const std::int64_t* last_used_us = nullptr;
  const std::int32_t* use_count = nullptr;  ///< >= 0.
  const float* strength = nullptr;          ///< Finite, >= 0.
};

/// score = (use_count + 1)^use_exponent * f(age) * strength, age in microseconds and at least 0.
/// f is the power law (1 + power_rate * age)^-power_alpha, or, with components, the sum of their
/// share * 2^(-rate * age).
struct DecayShape {
  struct Component {
    double log2_share = 0;
    double rate = 0;
  };
  float use_exponent = 0;
  float power_rate = 0;
  float power_alpha = 0;
  std::array<Component, 2> components;
  std::size_t component_count = 0;
};

/// Scores of n rows, at any alignment. Each is within kDecayErrorMax of the exact score relatively,
/// or within kDecayFloor of it absolutely; equal rows have equal scores in one set, wherever they
/// lie, and not across sets.
using DecayKernel = void (*)(const DecayColumns& columns, std::size_t n, std::int64_t now_us,
                             const DecayShape& shape, float* scores);

inline constexpr double kDecayErrorMax = 1e-5;
inline constexpr double kDecayFloor = 4.8e-38;  ///< Four times the least normal float.

/// The kernel of the set that kernels() chose. Null: none, and the caller computes row by row.
[[nodiscard]] DecayKernel decay_kernel();

// Null where the set is not compiled for this architecture.
[[nodiscard]] DecayKernel avx2_decay_kernel();
[[nodiscard]] DecayKernel avx512_decay_kernel();

// log2(m) for m in [1, 2) is 1/2 + 2 / ln 2 * atanh(s), s = (m - sqrt 2) / (m + sqrt 2), and with
// |s| <= 0.172 the series' first term left out is below 5e-8. 2^f for |f| <= 1/2 is its Taylor
// series, the first term left out below 1.3e-7 of it.
inline constexpr std::array<float, 4> kLog2Series = {
    2.8853901F, 0.9617967F, 0.5770780F, 0.4121986F};  ///< 2 / (k ln 2), k = 1, 3, 5, 7.
inline constexpr std::array<float, 7> kExp2Series = {1.0F,          0.69314718F,   0.24022651F,
                                                     0.055504109F,  0.0096181291F, 0.0013333558F,
                                                     0.00015403530F};  ///< (ln 2)^k / k!
inline constexpr float kSqrt2 = 1.4142135F;

}  // namespace tulving::index
