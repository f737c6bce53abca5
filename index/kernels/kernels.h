#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tulving::index {

/// Most components of a vector: 65,536 products of a byte and a signed byte still fit an int32.
inline constexpr std::size_t kKernelDimMax = 65'536;

/// What encoding a vector into int8 codes lost and left.
struct CodeSummary {
  float squared_error = 0.0F;  ///< |x - scale * codes|^2.
  std::int32_t sum = 0;        ///< Sum of the signed codes, which the VNNI form needs.
};

/// A query in signed bytes, twice: y is about scale * high + scale / 126 * low. The second part
/// costs the scan no memory traffic, and leaves the query's own error near 1e-4.
///
/// Seven bits a part, so that vpmaddubsw, which adds two products of an unsigned and a signed byte
/// in 16 bits, cannot saturate: 2 * 255 * 63 = 32,130. That is half the work of keeping products of
/// eight bits apart. What the narrower first part loses is less than what the rows' own codes do.
struct CodedQuery {
  const std::int8_t* high = nullptr;  ///< -63..63; wider: see `is_wide`.
  const std::int8_t* low = nullptr;   ///< -63..63.
  std::int32_t high_sum = 0;
  std::int32_t low_sum = 0;
  /// `high` is a stored row's codes, -127..127, for dot_rows() alone.
  bool is_wide = false;
};

/// Largest code of a part of a query, and how many units of the low part make one of the high part.
inline constexpr float kQueryCodeMax = 63.0F;
inline constexpr float kLowUnits = 126.0F;

/// One instruction set's kernels. All take any length (at most kKernelDimMax) and any alignment.
///
/// Codes of stored vectors are unsigned bytes, 1..255, that stand for code - 128: the instruction
/// vpdpbusd multiplies unsigned by signed bytes. So sum((a - 128) q) = sum(a q) - 128 sum(q), and
/// the last term is one constant a query. (code - 128) is -127..127, never -128.
///
/// Integer results and codes are bit-equal across instruction sets, and so are the floats of
/// dot_rows_fine; the other floats differ by the order of summation.
struct DistanceKernels {
  std::string_view name;

  float (*dot_f32)(const float* a, const float* b, std::size_t n);
  /// Largest |x[i]|; 0 for n = 0.
  float (*max_abs)(const float* x, std::size_t n);
  void (*scale_f32)(const float* x, float factor, std::size_t n, float* scaled);

  /// codes[i] = round(x[i] / scale) + 128. `scale` is max_abs / 127, above 0.
  CodeSummary (*encode)(const float* x, std::size_t n, float scale, std::uint8_t* codes);
  /// Codes both parts of a query. `low_summary` tells the error that is left by both.
  void (*encode_query)(const float* y, std::size_t n, float scale, std::int8_t* high,
                       std::int8_t* low, CodeSummary& high_summary, CodeSummary& low_summary);

  /// dots[r] = sum((rows[r][i] - 128) high[i]).
  void (*dot_rows)(const std::uint8_t* const* rows, std::size_t count, const CodedQuery& query,
                   std::size_t n, std::int32_t* dots);
  /// dots[r] = 126 sum((rows[r][i] - 128) high[i]) + sum((rows[r][i] - 128) low[i]).
  void (*dot_rows_fine)(const std::uint8_t* const* rows, std::size_t count, const CodedQuery& query,
                        std::size_t n, float* dots);
};

/// The best set this processor runs, or the one that the environment variable TULVING_FORCE_ISA
/// names ("scalar", "avx2", "avx512", "avx512vnni") if the processor runs it. Chosen once.
[[nodiscard]] const DistanceKernels& kernels();

/// Every set this processor runs, the scalar one (the specification) first, the best one last.
[[nodiscard]] std::span<const DistanceKernels* const> supported_kernels();

// Null where the set is not compiled for this architecture.
[[nodiscard]] const DistanceKernels* scalar_kernels();
[[nodiscard]] const DistanceKernels* avx2_kernels();
[[nodiscard]] const DistanceKernels* avx512_kernels();
[[nodiscard]] const DistanceKernels* avx512vnni_kernels();

}  // namespace tulving::index
