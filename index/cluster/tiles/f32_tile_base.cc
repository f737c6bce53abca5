// The tile product as the compiler is told to by the build.
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
#define Eigen tulving_eigen_base
#include <Eigen/Core>
#undef Eigen

namespace tulving::index {

void f32_tile_base(TileRows left, TileRows right, std::size_t stride, float* products) {
  using Matrix =
      tulving_eigen_base::Matrix<float, tulving_eigen_base::Dynamic, tulving_eigen_base::Dynamic,
                                 tulving_eigen_base::RowMajor>;
  using Index = tulving_eigen_base::Index;
  const auto width = static_cast<Index>(stride);
  const auto rows = static_cast<Index>(left.count);
  const auto columns = static_cast<Index>(right.count);
  const tulving_eigen_base::Map<const Matrix> a(left.first, rows, width);
  const tulving_eigen_base::Map<const Matrix> b(right.first, columns, width);
  tulving_eigen_base::Map<Matrix>(products, rows, columns).noalias() = a * b.transpose();
}

}  // namespace tulving::index
