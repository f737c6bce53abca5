#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tulving::index {

/// A row in fixed point: its codes, and what they left of each component in `residual_bits` bits.
///
/// A component is the integer 256 (code - 128) + residual - 128, of which the bits below the last
/// one kept are 0: 32,896 less than the two bytes read as one word. Residuals of 8 bits are a byte
/// each. Of 4 bits, which stand for the upper half of that byte, byte 16 b + j has component
/// 32 b + j below and 32 b + j + 16 above; a last block that is not full takes its 16 bytes too. Of
/// 0 bits there are none: each residual is 128.
struct FixedRow {
  const std::uint8_t* codes = nullptr;
  const std::uint8_t* residuals = nullptr;
  std::uint32_t residual_bits = 8;
};

/// What the word of a code and a residual has more than the component that they stand for.
inline constexpr std::uint16_t kFixedOffset = 0x8080;

/// The same row from component `first` on, a multiple of 32.
[[nodiscard]] inline FixedRow from_component(const FixedRow& row, std::size_t first) {
  return {row.codes + first, row.residuals + first * row.residual_bits / 8, row.residual_bits};
}

/// Of a row in fixed point. Sums of integers, so every instruction set's are the same.
struct FixedSummary {
  std::int64_t squares = 0;           ///< Of the components.
  std::int32_t residual_squares = 0;  ///< Of what the codes leave: residual - 128.
  std::int32_t sum = 0;               ///< Of the signed codes.
};

/// Components that a rotation mixes with each other.
inline constexpr std::size_t kMixed = 64;
inline constexpr float kRotationFactor = 0.125F;  ///< 1 / sqrt(kMixed): exact.
/// 1 and -1, drawn once and for all; component i takes the sign i % kRotationSigns.
inline constexpr std::size_t kRotationSigns = 4096;
[[nodiscard]] const float* rotation_signs();

/// One instruction set's kernels for rows in fixed point. All take any length (at most
/// kKernelDimMax) and any alignment; a row of 4-bit residuals begins with a block. Codes, residuals
/// and their sums are bit-equal across instruction sets; dot's float differs by the order of
/// summation.
struct FixedKernels {
  std::string_view name;

  /// Turns x, whose n floats are a multiple of 64, by rotation_signs() and the Hadamard transform
  /// of the 64 components that lie n / 64 apart, into n floats of the same length but for rounding.
  /// A sum of 64 is much alike whatever the components are: a large one is spread over 64.
  /// Bit-equal across instruction sets.
  void (*rotate)(float* x, std::size_t n);

  /// x in fixed point: component i is round(x[i] steps) 2^(8 - bits), ties to even, and `steps`
  /// 127 * 2^bits / max_abs. Residuals are a byte a component here, whatever `bits`.
  FixedSummary (*encode)(const float* x, std::size_t n, float steps, std::uint32_t bits,
                         std::uint8_t* codes, std::uint8_t* residuals);
  /// The components as floats, which hold them exactly.
  void (*decode)(const FixedRow& row, std::size_t n, float* x);
  /// The sum of the components' products with the query's.
  float (*dot)(const FixedRow& row, const float* query, std::size_t n);

  /// Brings a query, whose n floats are a multiple of 64, into the order in which dot_arranged()
  /// meets a row's components: bytes are widened where they lie, at half the instructions.
  void (*arrange)(float* query, std::size_t n);
  /// The same bits as dot() of the query before it was arranged.
  float (*dot_arranged)(const FixedRow& row, const float* query, std::size_t n);
};

/// The set that belongs to kernels(): TULVING_FORCE_ISA is obeyed.
[[nodiscard]] const FixedKernels& fixed_kernels();

/// Every set this processor runs, the scalar one first, the best one last.
[[nodiscard]] std::span<const FixedKernels* const> supported_fixed_kernels();

// Null where the set is not compiled for this architecture.
[[nodiscard]] const FixedKernels* scalar_fixed_kernels();
[[nodiscard]] const FixedKernels* avx2_fixed_kernels();
[[nodiscard]] const FixedKernels* avx512_fixed_kernels();

}  // namespace tulving::index
