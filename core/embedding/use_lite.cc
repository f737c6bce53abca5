#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/errors.h"
#include "core/base/text/utf8.h"
#include "core/embedding/model_file.h"
#include "core/embedding/tokenizer.h"
#include "core/embedding/transformer.h"
#include "tulving/embedder.h"

namespace tulving {
namespace {

using embedding::Arithmetic;
using embedding::ModelWeights;
using embedding::PieceIds;
using embedding::Tokenizer;
using embedding::Transformer;

class UseLite final : public Embedder {
 public:
  UseLite(ModelWeights weights, Arithmetic arithmetic, std::string file)
      : file_(std::move(file)),
        tokenizer_(weights.pieces, weights.scores, weights.shape.reserved),
        identity_{"use-lite", weights.shape.dim, true},
        transformer_(std::move(weights), arithmetic) {}

  const EmbedderIdentity& identity() const noexcept override { return identity_; }
  std::size_t batch_limit() const noexcept override { return 4096; }
  TextLength text_limit() const noexcept override {
    return {transformer_.pieces_max(), TextUnit::kPieces};
  }

  Result<std::vector<float>> embed_documents(
      std::span<const std::string_view> texts) const override {
    if (texts.size() > batch_limit()) {
      return invalid("a batch of " + std::to_string(texts.size()) +
                         " texts is more than use-lite takes, which is " +
                         std::to_string(batch_limit()),
                     "texts");
    }
    std::vector<PieceIds> pieces;
    pieces.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      auto of_text = pieces_of(texts[i], transformer_.pieces_max());
      if (!of_text) {
        Error error = of_text.error();
        error.position = i;
        return error;
      }
      pieces.push_back(*std::move(of_text));
    }
    return vectors_of(pieces);
  }

  Result<std::vector<float>> embed_query(std::string_view text) const override {
    auto pieces = pieces_of(text, transformer_.pieces_max());
    if (!pieces) return pieces.error();
    return vectors_of(std::span(&*pieces, 1));
  }

  Result<std::size_t> length_of(std::string_view text) const override {
    const auto pieces = pieces_of(text, transformer_.pieces_max() + 1);
    if (!pieces) return pieces.error();
    return pieces->size();
  }

 private:
  Result<PieceIds> pieces_of(std::string_view text, std::size_t max) const {
    if (const auto offset = first_invalid_utf8(text)) {
      return invalid(
          "a text to embed must be UTF-8 without NUL; byte " + std::to_string(*offset) + " is not",
          "text");
    }
    return tokenizer_.pieces_of(text, max);
  }

  Result<std::vector<float>> vectors_of(std::span<const PieceIds> pieces) const {
    std::vector<float> vectors(pieces.size() * identity_.dim);
    transformer_.encode(pieces, vectors.data());
    const bool is_sound =
        std::all_of(vectors.begin(), vectors.end(), [](float x) { return std::isfinite(x); });
    if (!is_sound) {
      return Error{ErrorCode::kCorruption,
                   "model " + file_ + ": its weights make a vector that is not finite"};
    }
    return vectors;
  }

  const std::string file_;
  const Tokenizer tokenizer_;
  const EmbedderIdentity identity_;
  const Transformer transformer_;
};

}  // namespace

Result<std::shared_ptr<const Embedder>> open_use_lite(const std::filesystem::path& model_file,
                                                      UseLitePrecision precision) {
  auto weights = embedding::read_model(model_file);
  if (!weights) return weights.error();
  const auto arithmetic =
      precision == UseLitePrecision::kFloat ? Arithmetic::kFloat : Arithmetic::kCodes;
  return std::shared_ptr<const Embedder>(
      std::make_shared<UseLite>(*std::move(weights), arithmetic, model_file.string()));
}

}  // namespace tulving
