// The tile product for AVX-512.
//
// Eigen chooses its instructions by macros of the compiler, so a pragma sets the target for Eigen's
// code and nothing else: the standard headers it needs come first, so that none of their inline
// functions is compiled for a processor that may not be there. Its namespace is renamed, so that
// the linker cannot take another file's (or an embedder's) copy of a template for this one's.

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <climits>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iosfwd>
#include <limits>
#include <sstream>
#include <string>

#include "index/cluster/tiles/f32_tile.h"

#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,fma")
// GCC before 13 applies the pragma to C++ code, but does not define its macros.
#if !defined(__AVX512F__)
#if !defined(__SSE3__)
#define __SSE3__ 1
#endif
#if !defined(__SSSE3__)
#define __SSSE3__ 1
#endif
#if !defined(__SSE4_1__)
#define __SSE4_1__ 1
#endif
#if !defined(__SSE4_2__)
#define __SSE4_2__ 1
#endif
#if !defined(__AVX__)
#define __AVX__ 1
#endif
#if !defined(__AVX2__)
#define __AVX2__ 1
#endif
#if !defined(__FMA__)
#define __FMA__ 1
#endif
#if !defined(__AVX512F__)
#define __AVX512F__ 1
#endif
#if !defined(__AVX512DQ__)
#define __AVX512DQ__ 1
#endif
#if !defined(__AVX512BW__)
#define __AVX512BW__ 1
#endif
#if !defined(__AVX512VL__)
#define __AVX512VL__ 1
#endif
#endif
#define Eigen tulving_eigen_avx512
#include <Eigen/Core>
#undef Eigen

namespace tulving::index {

void f32_tile_avx512(TileRows left, TileRows right, std::size_t stride, float* products) {
  using Matrix =
      tulving_eigen_avx512::Matrix<float, tulving_eigen_avx512::Dynamic,
                                   tulving_eigen_avx512::Dynamic, tulving_eigen_avx512::RowMajor>;
  using Index = tulving_eigen_avx512::Index;
  const auto width = static_cast<Index>(stride);
  const auto rows = static_cast<Index>(left.count);
  const auto columns = static_cast<Index>(right.count);
  const tulving_eigen_avx512::Map<const Matrix> a(left.first, rows, width);
  const tulving_eigen_avx512::Map<const Matrix> b(right.first, columns, width);
  tulving_eigen_avx512::Map<Matrix>(products, rows, columns).noalias() = a * b.transpose();
}

}  // namespace tulving::index

#pragma GCC pop_options
#else

namespace tulving::index {

// Clang ignores the pragma, and other processors have no such instructions.
void f32_tile_avx512(TileRows left, TileRows right, std::size_t stride, float* products) {
  f32_tile_base(left, right, stride, products);
}

}  // namespace tulving::index

#endif
