#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"

namespace tulving::embedding {

/// The request of OpenAI's /v1/embeddings for these texts, as JSON. Texts are UTF-8.
[[nodiscard]] std::string embedding_request(const std::string& model,
                                            const std::vector<std::string>& texts);

/// The vectors of such an answer, one row after the other in the order of the texts: arrays of
/// numbers, or base64 of little-endian floats. `dim` 0 takes what the first row has.
/// kIo: it is no such answer, for `texts` texts; the message says what is wrong with it.
[[nodiscard]] Result<std::vector<float>> vectors_of_answer(std::string_view json, std::size_t texts,
                                                           std::uint32_t dim);

/// What an error's body says, for a message: the member error.message where there is one, else the
/// body's beginning; on one line.
[[nodiscard]] std::string message_of_answer(std::string_view body);

}  // namespace tulving::embedding
