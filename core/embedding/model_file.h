#pragma once

#include <filesystem>
#include <string_view>

#include "core/embedding/model_weights.h"
#include "tulving/result.h"

namespace tulving::embedding {

// A model as one file: a checkpoint container (core/base/checkpoint), whose checksums cover every
// byte, with the sections
//
//   0  shape    ModelShape, eight u32
//   1  lengths  a byte a piece: how many bytes of UTF-8 it has
//   2  pieces   the pieces, one after the other
//   3  scores   f64 a piece
//   4.. floats  f32, what each_array() names, in its order
//
// all little-endian. Nothing is believed before it was checked.

/// What the container says that it holds.
inline constexpr std::string_view kModelKind = "USEL";
inline constexpr std::uint32_t kModelVersion = 1;

/// Writes the file as a whole or not at all. kInvalidArgument: the weights break a rule. kIo.
Status write_model(const std::filesystem::path& file, const ModelWeights& weights);

/// kNotFound: no such file. kCorruption: it was cut or changed, or is no model, or one of another
/// version; the error names the file and the rule. kIo.
Result<ModelWeights> read_model(const std::filesystem::path& file);

}  // namespace tulving::embedding
