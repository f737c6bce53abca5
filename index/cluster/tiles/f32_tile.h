#pragma once

#include <cstddef>

namespace tulving::index {

/// Rows of one tile of the product: `stride` floats each, as many used as there are (a multiple of
/// 32, zero where a vector ends earlier).
struct TileRows {
  const float* first = nullptr;
  std::size_t count = 0;
};

/// products[i * right.count + j] = <left row i, right row j>, in f32.
///
/// This is Eigen's matrix product on one thread. It is compiled once for each instruction set, with
/// the one that TULVING_FORCE_ISA or the processor names chosen at run time: a plain x86-64 build,
/// which is what Debian ships, would take SSE2, at a sixth of the speed.
using F32Tile = void (*)(TileRows left, TileRows right, std::size_t stride, float* products);

[[nodiscard]] F32Tile f32_tile();

// One file each.
void f32_tile_base(TileRows left, TileRows right, std::size_t stride, float* products);
void f32_tile_avx2(TileRows left, TileRows right, std::size_t stride, float* products);
void f32_tile_avx512(TileRows left, TileRows right, std::size_t stride, float* products);

}  // namespace tulving::index
