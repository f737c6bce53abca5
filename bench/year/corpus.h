#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tulving/tulving.h"

namespace tulving::bench {

/// What a corpus is made by. Two corpora of one shape are the same.
struct CorpusShape {
  std::uint32_t dim = 1536;
  double vectors_share = 0.5;   ///< Of the memories, 0..1.
  std::uint64_t topics = 1000;  ///< Topic i has a share like 1 / (i + 1).
  std::uint32_t text_bytes = 500;
  std::uint64_t seed = 42;
};

/// What is looked for: words and a vector of one topic.
struct CorpusQuery {
  std::string text;
  std::vector<float> vector;
};

/// An endless row of memories, each made from its number alone: memory i is the same whenever and
/// wherever it is made, so a load that was stopped goes on at any number, and nothing is kept.
///
/// Vectors lie as those of ann_compare's clustered generator: clusters of power-law sizes in 128
/// latent dimensions, with a little noise. Texts are words of a Zipfian vocabulary, a fifth of them
/// their topic's own, so that the two arms of a search find the same memories. One memory in ten
/// has a word that no other has: a ticket's number, a name.
///
/// Thread safety: const members from any thread.
class Corpus {
 public:
  explicit Corpus(const CorpusShape& shape);

  [[nodiscard]] Memory memory(std::uint64_t number) const;
  [[nodiscard]] Uuid id(std::uint64_t number) const;
  [[nodiscard]] bool has_vector(std::uint64_t number) const;
  [[nodiscard]] bool has_reference(std::uint64_t number) const;
  /// The word that memory `number` alone has, if it has one.
  [[nodiscard]] std::string reference(std::uint64_t number) const;
  /// Of the topic of memory `number`, and no memory's own; another for another `salt`.
  [[nodiscard]] CorpusQuery query(std::uint64_t number, std::uint64_t salt) const;

  [[nodiscard]] const CorpusShape& shape() const { return shape_; }

 private:
  class Random;
  [[nodiscard]] Random random(std::uint64_t purpose, std::uint64_t number) const;
  [[nodiscard]] std::uint64_t topic(std::uint64_t number) const;
  [[nodiscard]] std::string topic_word(std::uint64_t topic, Random& random) const;
  [[nodiscard]] std::string text(std::uint64_t number) const;
  [[nodiscard]] std::vector<float> vector(std::uint64_t topic, Random random) const;

  CorpusShape shape_;
  std::vector<float> basis_;  // kLatent rows of `dim`.
};

}  // namespace tulving::bench
