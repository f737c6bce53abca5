#include "index/vectors/row_similarity.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/mean_direction.h"
#include "index/kernels/kernels.h"
#include "index/vectors/vector_index_impl.h"

namespace tulving::index {

const std::vector<float>& RowSimilarity::direction_of(std::uint32_t row) {
  std::vector<float>& direction = directions_[row];
  if (!direction.empty()) return direction;
  const VectorIndex::Impl& index = *index_.impl_;
  direction = mean_direction(index.forms(index.slot_of(row)), index.coder().code_stride());
  const float squares = kernels().dot_f32(direction.data(), direction.data(), direction.size());
  // One vector comes at the length of its fixed point.
  if (squares > 0.0F) {
    kernels().scale_f32(direction.data(), 1.0F / std::sqrt(squares), direction.size(),
                        direction.data());
  }
  return direction;
}

float RowSimilarity::operator()(std::uint32_t a, std::uint32_t b) {
  const VectorIndex::Impl& index = *index_.impl_;
  const Slot slot_a = index.slot_of(a), slot_b = index.slot_of(b);
  if (slot_a == kNothing || slot_b == kNothing) return std::numeric_limits<float>::quiet_NaN();
  const VectorView view = index.view();
  const auto is_one = [&view](Slot slot) { return view.run_end(slot) == slot + 1; };
  if (is_one(slot_a) && is_one(slot_b)) return index.similarity(slot_a, slot_b);
  const std::vector<float>& of_a = direction_of(a);
  const std::vector<float>& of_b = direction_of(b);
  return std::clamp(kernels().dot_f32(of_a.data(), of_b.data(), of_a.size()), -1.0F, 1.0F);
}

}  // namespace tulving::index
