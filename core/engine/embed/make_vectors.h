#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/embedder.h"
#include "tulving/result.h"

namespace tulving::engine {

/// A text's vector, or why the embedder makes none of it, however often it is asked.
using MadeVector = Result<std::vector<float>>;

/// The vectors of documents, one a text, in as many calls as it takes. A text that the embedder
/// refuses costs the others nothing. What comes back is checked: rows of the embedder's dimension,
/// finite and not all zero.
///
/// An error is the embedder's own state, not a text's: it cannot be reached, threw, or answered
/// what are no vectors of these texts. None of them has a vector then.
[[nodiscard]] Result<std::vector<MadeVector>> make_vectors(const Embedder& embedder,
                                                           std::span<const std::string_view> texts);

/// A text's vectors, one a passage (passages_of()), one after the other.
struct PassageVectors {
  std::vector<float> vectors;
  std::uint32_t passages = 0;
};
using MadeVectors = Result<PassageVectors>;

/// make_vectors() of texts as long as they may be. A text of which a passage is refused is refused.
[[nodiscard]] Result<std::vector<MadeVectors>> make_vectors_of_texts(
    const Embedder& embedder, std::span<const std::string> texts);

/// The vector of a query, checked likewise.
[[nodiscard]] Result<std::vector<float>> make_query_vector(const Embedder& embedder,
                                                           std::string_view text);

}  // namespace tulving::engine
