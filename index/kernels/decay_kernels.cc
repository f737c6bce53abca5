#include "index/kernels/decay_kernels.h"

#include "index/kernels/kernels.h"

namespace tulving::index {

DecayKernel decay_kernel() {
  const std::string_view set = kernels().name;
  if (set == "scalar") return nullptr;
  return set == "avx2" ? avx2_decay_kernel() : avx512_decay_kernel();
}

}  // namespace tulving::index
