#pragma once

#include <memory>

#include "tools/c/callbacks/callback.h"
#include "tools/c/include/tulving_c.h"
#include "tulving/embedder.h"

namespace tulving::c {

/// An embedder that asks a callback, and believes nothing of what it answers.
///
/// Errors beside those of Embedder: what the callback returned; kIo, it left floats out, or some
/// are no numbers.
class CallbackEmbedder : public Embedder {
 public:
  /// Takes over the context where it can be read, also when the rest is refused.
  static Result<std::shared_ptr<const Embedder>> make(const tulving_embedder* given);

  [[nodiscard]] const EmbedderIdentity& identity() const noexcept override { return identity_; }
  [[nodiscard]] Result<std::vector<float>> embed_documents(
      std::span<const std::string_view> texts) const override;
  [[nodiscard]] Result<std::vector<float>> embed_query(std::string_view text) const override;
  [[nodiscard]] std::size_t batch_limit() const noexcept override { return batch_limit_; }
  [[nodiscard]] TextLength text_limit() const noexcept override { return text_limit_; }
  [[nodiscard]] Result<std::size_t> length_of(std::string_view text) const override;

 private:
  CallbackEmbedder(const tulving_embedder& given, std::unique_ptr<const Context> context);
  [[nodiscard]] Result<std::vector<float>> embed(std::uint32_t purpose,
                                                 std::span<const std::string_view> texts) const;

  const tulving_embedder callbacks_;
  const std::unique_ptr<const Context> context_;
  const EmbedderIdentity identity_;
  const std::size_t batch_limit_;
  const TextLength text_limit_;
};

}  // namespace tulving::c
