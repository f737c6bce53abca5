#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tulving::index {

/// Bits of a query's component, in as many planes: plane j has bit j of each.
inline constexpr std::size_t kSketchPlanes = 4;

/// One instruction set's kernels for sketches: a bit a component, of which a product with a query
/// in four bits needs only ands and counts (Gao and Long, "RaBitQ", SIGMOD 2024, section 3.3).
struct SketchKernels {
  std::string_view name;

  /// sums[r] = sum over the set bits of rows[r] of the query's components there. A row has `words`
  /// words, and so has each of the planes, which lie behind each other.
  void (*weigh)(const std::uint64_t* const* rows, std::size_t count, const std::uint64_t* planes,
                std::size_t words, std::int32_t* sums);
};

/// The set that belongs to kernels(): TULVING_FORCE_ISA is obeyed.
[[nodiscard]] const SketchKernels& sketch_kernels();

/// Every set this processor runs, the scalar one first, the best one last.
[[nodiscard]] std::span<const SketchKernels* const> supported_sketch_kernels();

// Null where the set is not compiled for this architecture.
[[nodiscard]] const SketchKernels* scalar_sketch_kernels();
[[nodiscard]] const SketchKernels* avx2_sketch_kernels();
[[nodiscard]] const SketchKernels* avx512_sketch_kernels();  ///< Needs VPOPCNTDQ.

}  // namespace tulving::index
