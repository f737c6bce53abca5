#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tulving::index {

/// A panel is a block of rows laid out for the register tile: `kPanelStep` codes of its first row,
/// as many of its second, and so on, then the next codes of each. 6 x 64 sums are 24 registers of
/// AVX-512's 32 and take 10 loads per 24 multiplications.
inline constexpr std::uint32_t kLeftRows = 6;
inline constexpr std::uint32_t kRightRows = 64;
inline constexpr std::size_t kPanelStep = 4;

/// Six rows: signed codes, -127..127. Arrays are of kLeftRows elements.
struct LeftPanel {
  const std::int8_t* codes = nullptr;
  const float* scales = nullptr;
  const float* errors = nullptr;          ///< |x - scale * codes|, rounded up.
  const float* limits = nullptr;          ///< The cosine that a pair of this row must reach.
  const std::int32_t* offsets = nullptr;  ///< 128 * sum of codes, which the VNNI form needs.
};

/// Sixty-four rows: codes offset by 128, as in DistanceKernels. Arrays are of kRightRows elements.
struct RightPanel {
  const std::uint8_t* codes = nullptr;
  const float* scales = nullptr;
  const float* errors = nullptr;
  const float* limits = nullptr;
};

/// One instruction set's kernels for finding the close pairs among many rows.
struct PairKernels {
  std::string_view name;

  /// The dot product in f64; n is a multiple of kWideLanes. Bit-equal across instruction sets:
  /// products of floats are exact in f64, and the order of summation is part of the contract (lane
  /// i % kWideLanes takes element i, then lanes are added in halves).
  double (*dot_wide)(const float* a, const float* b, std::size_t n);

  /// Bit c of masks[r]: rows r and c may reach the lower of their limits, that is
  ///   scale_r scale_c dot(codes) + error_r + (1 + error_r) error_c >= min(limit_r, limit_c).
  /// By Cauchy-Schwarz the left side is no less than the product of unit vectors, but for rounding,
  /// for which the limits must leave kReachSlack. Every pair that reaches its limit is marked on
  /// every instruction set; of those just below, some are.
  void (*reaching)(const LeftPanel& left, const RightPanel& right, std::size_t steps,
                   std::uint64_t* masks);
};

inline constexpr std::size_t kWideLanes = 32;

/// Covers the rounding of `reaching`'s six float operations on values of at most 2 (6 x 2^-23), of
/// the unit vectors' lengths (2^-22), and of `errors`.
inline constexpr float kReachSlack = 4e-6F;

/// The set that belongs to kernels(): TULVING_FORCE_ISA is obeyed.
[[nodiscard]] const PairKernels& pair_kernels();

/// Every set this processor runs, the scalar one first, the best one last.
[[nodiscard]] std::span<const PairKernels* const> supported_pair_kernels();

// Null where the set is not compiled for this architecture.
[[nodiscard]] const PairKernels* scalar_pair_kernels();
[[nodiscard]] const PairKernels* avx2_pair_kernels();
[[nodiscard]] const PairKernels* avx512_pair_kernels();
[[nodiscard]] const PairKernels* avx512vnni_pair_kernels();

}  // namespace tulving::index
