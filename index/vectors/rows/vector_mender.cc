#include "index/vectors/rows/vector_mender.h"

namespace tulving::index {

VectorMender::Remade VectorMender::remake(Slot slot) const {
  std::vector<float> vector;
  const std::uint32_t row = slot < rows_.size() ? rows_[slot] : kNothing;
  const bool is_known = row != kNothing && source_ && source_(row, vector);
  if (!is_known || vector.size() != coder_.dim()) vector.assign(coder_.dim(), 0.0F);
  Remade remade;
  remade.codes.resize(coder_.code_stride());
  remade.residuals.resize(coder_.residual_stride());
  remade.header = coder_.encode(vector, remade.codes.data(), remade.residuals.data());
  return remade;
}

}  // namespace tulving::index
