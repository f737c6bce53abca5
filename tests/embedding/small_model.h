#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "core/embedding/model_weights.h"

namespace tulving::embedding {

/// A model of a few kilobytes with random weights, for tests that need a model and no meaning.
inline ModelWeights small_model(std::uint32_t seed = 20'261'128) {
  ModelWeights weights;
  weights.shape = {.rows = 40,
                   .reserved = 2,
                   .pieces_max = 12,
                   .heads = 2,
                   .piece_width = 32,
                   .width = 64,
                   .inner = 96,
                   .dim = 32};
  std::mt19937 random(seed);
  const std::string space = "\xE2\x96\x81";
  weights.pieces = {"?", "<s>", space, space + "the", space + "cat", "at", "\xC3\xA9"};
  for (char c = 'a'; c <= 'r'; ++c) weights.pieces.emplace_back(1, c);
  for (std::size_t i = 0; i < weights.pieces.size(); ++i) {
    weights.scores.push_back(i < 2 ? 0.0 : -std::uniform_real_distribution<>(1, 9)(random));
  }
  each_array(weights, [&](const std::string& name, std::vector<float>& floats, std::size_t count) {
    const float size = name.ends_with("kernel") ? 0.2F : 1.0F;
    std::normal_distribution<float> draw(name.ends_with("scale") ? 1.0F : 0.0F, size);
    for (std::size_t i = 0; i < count; ++i) floats.push_back(draw(random));
  });
  return weights;
}

}  // namespace tulving::embedding
