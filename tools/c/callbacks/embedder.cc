#include "tools/c/callbacks/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text/utf8.h"
#include "tools/c/call/given.h"
#include "tulving/records.h"

namespace tulving::c {

namespace {

constexpr std::size_t kBatchByDefault = 64;
constexpr std::size_t kModelCharactersMax = 64;

Status check_text(std::string_view text, std::optional<std::size_t> position) {
  if (!first_invalid_utf8(text)) return {};
  return Error{ErrorCode::kInvalidArgument, "text is not UTF-8", "text", position};
}

Status check(const tulving_embedder& given) {
  if (given.embed == nullptr) return refused("embed", "is missing: the embedder has no function");
  auto model = view_of(given.model, "model");
  if (!model) return model.error();
  if (first_invalid_utf8(*model)) return refused("model", "is not UTF-8");
  if (model->empty() || utf8_length(*model) > kModelCharactersMax) {
    return refused("model", "must have 1..64 characters");
  }
  if (given.dim == 0 || given.dim > kEmbeddingDimMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("dim is {}; must be 1..{}", given.dim, kEmbeddingDimMax), "dim"};
  }
  if (given.text_unit > TULVING_BYTES) return refused("text_unit", "is none that there is");
  const bool counts_pieces = given.text_limit != 0 && given.text_unit == TULVING_PIECES;
  if (counts_pieces && given.length == nullptr) {
    return refused("length", "is missing: the embedder alone can count its pieces");
  }
  return {};
}

TextUnit unit_of(const tulving_embedder& given) {
  if (given.text_unit == TULVING_CHARACTERS) return TextUnit::kCharacters;
  const bool counts_pieces = given.text_unit == TULVING_PIECES && given.length != nullptr;
  return counts_pieces ? TextUnit::kPieces : TextUnit::kBytes;
}

}  // namespace

CallbackEmbedder::CallbackEmbedder(const tulving_embedder& given,
                                   std::unique_ptr<const Context> context)
    : callbacks_(given),
      context_(std::move(context)),
      identity_{std::string(given.model.data, given.model.size), given.dim, given.normalised != 0},
      batch_limit_(given.batch_limit == 0 ? kBatchByDefault : given.batch_limit),
      text_limit_{
          given.text_limit == 0 ? std::numeric_limits<std::size_t>::max() : given.text_limit,
          unit_of(given)} {}

Result<std::shared_ptr<const Embedder>> CallbackEmbedder::make(const tulving_embedder* given) {
  auto callbacks = read_struct(given, "embedder");
  if (!callbacks) return callbacks.error();
  auto context = std::make_unique<const Context>(callbacks->context, callbacks->destroy);
  if (auto status = check(*callbacks); !status) return status.error();
  return std::shared_ptr<const Embedder>(new CallbackEmbedder(*callbacks, std::move(context)));
}

Result<std::vector<float>> CallbackEmbedder::embed_documents(
    std::span<const std::string_view> texts) const {
  if (texts.size() > batch_limit_) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} texts are more than a batch of {}", texts.size(), batch_limit_)};
  }
  for (std::size_t at = 0; at < texts.size(); ++at) {
    if (auto status = check_text(texts[at], at); !status) return status.error();
  }
  if (texts.empty()) return std::vector<float>();
  return embed(TULVING_DOCUMENTS, texts);
}

Result<std::vector<float>> CallbackEmbedder::embed_query(std::string_view text) const {
  if (auto status = check_text(text, {}); !status) return status.error();
  return embed(TULVING_QUERY, std::span(&text, 1));
}

Result<std::vector<float>> CallbackEmbedder::embed(std::uint32_t purpose,
                                                   std::span<const std::string_view> texts) const {
  std::vector<tulving_text> given;
  for (const std::string_view text : texts) given.push_back(text_of(text));
  // What the callback leaves out stays no number, and is found.
  std::vector<float> vectors(texts.size() * identity_.dim, std::numeric_limits<float>::quiet_NaN());
  const OpenReply reply;
  const tulving_status status = called_back(reply.handle(), [&] {
    return callbacks_.embed(context_->get(), purpose, given.data(), given.size(), vectors.data(),
                            reply.handle());
  });
  if (status != TULVING_OK) return reply.error("the embedder", status);
  const auto bad = std::ranges::find_if(vectors, [](float value) { return !std::isfinite(value); });
  if (bad == vectors.end()) return vectors;
  const auto at = static_cast<std::size_t>(bad - vectors.begin());
  return Error{ErrorCode::kIo,
               fmt::format("the embedder \"{}\" gave {} for component {} of a vector",
                           identity_.model, *bad, at % identity_.dim),
               "vector", at / identity_.dim};
}

Result<std::size_t> CallbackEmbedder::length_of(std::string_view text) const {
  if (auto status = check_text(text, {}); !status) return status.error();
  if (callbacks_.length != nullptr) {
    std::size_t length = 0;
    const OpenReply reply;
    const tulving_status status = called_back(reply.handle(), [&] {
      length = callbacks_.length(context_->get(), text_of(text));
      return TULVING_OK;
    });
    if (status != TULVING_OK) return reply.error("the embedder", status);
    return length;
  }
  return text_limit_.unit == TextUnit::kCharacters ? utf8_length(text) : text.size();
}

}  // namespace tulving::c
