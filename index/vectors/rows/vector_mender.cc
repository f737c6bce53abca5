#include "index/vectors/rows/vector_mender.h"

namespace tulving::index {

std::vector<float> VectorMender::vector_of(Slot slot) const {
  const std::vector<float> none(coder_.dim());
  const std::uint32_t row = slot < rows_.size() ? rows_[slot] : kNothing;
  std::vector<float> vectors;
  if (row == kNothing || !source_ || !source_(row, vectors)) return none;
  std::size_t place = 0;  // Among the row's.
  while (slot > place && rows_[slot - place - 1] == row) ++place;
  const std::size_t from = place * coder_.dim();
  if (vectors.size() < from + coder_.dim() || vectors.size() % coder_.dim() != 0) return none;
  const auto first = vectors.begin() + static_cast<std::ptrdiff_t>(from);
  return {first, first + static_cast<std::ptrdiff_t>(coder_.dim())};
}

VectorMender::Remade VectorMender::remake(Slot slot) const {
  const std::vector<float> vector = vector_of(slot);
  Remade remade;
  remade.codes.resize(coder_.code_stride());
  remade.residuals.resize(coder_.residual_stride());
  remade.header = coder_.encode(vector, remade.codes.data(), remade.residuals.data());
  return remade;
}

}  // namespace tulving::index
