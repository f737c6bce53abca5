#include "bench/ann_compare/engine.h"

namespace tulving::bench {

std::vector<EngineKind> engine_kinds() {
  return {
      {"tulving", make_tulving_index, true},
      {"tulving-4", make_tulving_4_bits},
      {"tulving-0", make_tulving_0_bits},
      {"store", make_tulving_store, true},
      {"hnswlib", make_hnswlib, true},
#ifdef ANN_WITH_FAISS
      {"faiss", make_faiss_flat},
      {"faiss-sq8", make_faiss_sq8},
#endif
#ifdef ANN_WITH_USEARCH
      {"usearch-f16", make_usearch_f16, true},
      {"usearch-i8", make_usearch_i8, true},
#endif
  };
}

}  // namespace tulving::bench
