#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/engine/write/transaction.h"

namespace tulving::engine {

/// A vector that an embedder made of a memory's text.
struct VectorOfText {
  RecordPtr of;               ///< As it was when its text was read.
  std::vector<float> vector;  ///< Of its passages, one after the other. Empty: none is put.
  std::uint32_t passages = 1;
};

/// What of vectors is written, and what goes.
struct VectorWrite {
  std::string model;           ///< Of the vectors.
  bool beside_others = false;  ///< Also where the memory has a vector of another model by now.
  std::string drop_model;      ///< The memories' vectors of this model go. Empty: none.
};

/// Stages the vectors of memories that are still there, still say what was embedded, and have none
/// of the model; others stay as they are. A memory gets a new revision by it, so that syncs and
/// snapshots see the vector, but nothing in its history, and whoever read it before may still
/// change it by the revision that it had (MemoryRecord::is_as_of). Says how many were staged.
Result<std::uint64_t> stage_vectors(Transaction& transaction, std::span<VectorOfText> vectors,
                                    const VectorWrite& write);

}  // namespace tulving::engine
