#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tulving/embedder.h"
#include "tulving/result.h"

// Embedders of a library of their own, tulving::embedders, which needs libcurl; the built-in one is
// in embedder.h.

namespace tulving {

/// A server that speaks OpenAI's POST /v1/embeddings: OpenAI's own, Ollama, llama.cpp's, vLLM,
/// Text Embeddings Inference, LM Studio.
struct OpenAiOptions {
  /// What "/embeddings" is appended to, http or https: "http://127.0.0.1:11434/v1". Redirects are
  /// not followed, since the key would go with them.
  std::string url = {};
  std::string model = {};  ///< As the server knows it; also the identity's, 1..64 characters.
  /// Components of its vectors. 0: it is asked for one when it is opened, so must be there then.
  std::uint32_t dim = 0;
  /// A file whose first line is the key. Empty: the environment variable OPENAI_API_KEY, which may
  /// be unset where a server wants none. No message or log has the key.
  std::filesystem::path key_file = {};
  /// Put in front of each document or query, as some models were trained: "passage: ".
  std::string document_prefix = {}, query_prefix = {};
  std::size_t batch = 64;             ///< Texts a request, 1..2048.
  std::size_t text_bytes_max = 8000;  ///< Of a longer text the rest is not sent. 1..1,000,000.
  std::chrono::milliseconds timeout{30'000};  ///< Of a request, 1..600,000.
  /// Requests more after one that was refused for now (429, 5xx) or did not come through, 0..10: a
  /// quarter of a second later, then twice that and so on, or when the server says, if that is
  /// within 30 s.
  std::uint32_t retries = 2;
};

/// kInvalidArgument: an option is out of range; the server says that it was asked wrongly (400).
/// kIo: it cannot be reached, refuses the key (401, 403), fails, or answers what are no vectors.
/// kNotFound: the key's file is not there.
///
/// Of its embedder's calls: kInvalidArgument, the server refuses the texts (400, 413, 422); kBusy,
/// it refuses for now (429); kIo else. A call takes as long as its requests may, timeout each.
[[nodiscard]] Result<std::shared_ptr<const Embedder>> open_openai(const OpenAiOptions& options);

/// The embedder of a name, as flags and settings have it:
/// - "none": null, a store without one;
/// - "use-lite": the built-in one, from find_model("use-lite");
/// - "auto": use-lite where its model is installed, else none;
/// - "URL#MODEL[,NAME=VALUE...]": open_openai(), where NAME is one of dim, key-file, batch,
///   text-bytes-max, timeout-ms, retries, document-prefix and query-prefix:
///   "http://127.0.0.1:11434/v1#nomic-embed-text,query-prefix=search_query: ". A value has no
///   comma.
///
/// kInvalidArgument: it is none of these, or an option is out of range. Else as the ones that open.
[[nodiscard]] Result<std::shared_ptr<const Embedder>> open_embedder(std::string_view name);

}  // namespace tulving
