#include "index/cluster/tiles/f32_tile.h"

#include <string_view>

#include "index/kernels/kernels.h"

namespace tulving::index {

F32Tile f32_tile() {
  const std::string_view set = kernels().name;
  if (set.starts_with("avx512")) return f32_tile_avx512;
  if (set == "avx2") return f32_tile_avx2;
  return f32_tile_base;
}

}  // namespace tulving::index
