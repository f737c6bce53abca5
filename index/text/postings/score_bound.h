#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "index/text/bm25.h"
#include "index/text/postings/posting.h"

namespace tulving::index {

/// What no posting of some exceeds in score, whatever the parameters and the average length are by
/// then: of those with one, with two and with more occurrences the shortest length, and the most
/// occurrences. It takes six bytes. Postings that leave do not loosen it: it stays a bound.
class ScoreBound {
 public:
  void add(std::uint32_t times, float length, bool is_beside) {
    times_max_ = std::max(times_max_, static_cast<std::uint8_t>(std::min(times, kTimesMax)));
    shorten(class_of(times), length);
    has_beside_ = has_beside_ || is_beside;
  }
  /// Some of the places have a length of `length` from now on.
  void shorten(float length) {
    for (std::size_t i = 0; i < shortest_.size(); ++i) {
      if (shortest_[i] != kNone) shorten(i, length);
    }
  }
  /// Whether it is a bound for all that `other` is one for.
  [[nodiscard]] bool covers(const ScoreBound& other) const {
    for (std::size_t i = 0; i < shortest_.size(); ++i) {
      if (shortest_[i] > other.shortest_[i]) return false;
    }
    return times_max_ >= other.times_max_ && (has_beside_ || !other.has_beside_);
  }

  /// For checkpoints.
  using Bytes = std::array<std::uint8_t, 5>;
  [[nodiscard]] Bytes bytes() const {
    return {shortest_[0], shortest_[1], shortest_[2], times_max_,
            static_cast<std::uint8_t>(has_beside_ ? 1 : 0)};
  }
  [[nodiscard]] static ScoreBound of_bytes(const Bytes& bytes) {
    ScoreBound bound;
    bound.shortest_ = {bytes[0], bytes[1], bytes[2]};
    bound.times_max_ = bytes[3];
    bound.has_beside_ = bytes[4] != 0;
    return bound;
  }

  /// Whether a place is among them that stands beside a long text, whose passages get its score.
  [[nodiscard]] bool has_beside() const { return has_beside_; }

  [[nodiscard]] float of(const TermScore& score) const {
    // 255 stands for all above.
    const std::uint32_t times = times_max_ < kTimesMax ? times_max_ : kPlaceTimesMax;
    float bound = 0.0F;
    if (shortest_[0] != kNone) bound = score(1, shortest_[0]);
    if (shortest_[1] != kNone) bound = std::max(bound, score(2, shortest_[1]));
    if (shortest_[2] != kNone) bound = std::max(bound, score(times, shortest_[2]));
    return bound;
  }

 private:
  static constexpr std::uint8_t kNone = 0xFF;

  static std::size_t class_of(std::uint32_t times) { return std::min(times, 3U) - 1; }
  /// Rounded down; those above 254 words, as if of 254.
  void shorten(std::size_t of_class, float length) {
    const auto rounded = static_cast<std::uint8_t>(std::min(length, 254.0F));
    shortest_[of_class] = std::min(shortest_[of_class], rounded);
  }

  std::array<std::uint8_t, 3> shortest_ = {kNone, kNone, kNone};
  std::uint8_t times_max_ = 0;
  bool has_beside_ = false;
};

}  // namespace tulving::index
