#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tulving::index {

/// What a choice of neighbours found of a link, beside the others of its list.
enum class Verdict : std::uint8_t {
  kUnknown = 0,     ///< It was added behind the list's last choice.
  kKept = 1,        ///< Nearer to the node than to any that was kept before it.
  kPassedOver = 2,  ///< Nearer to one that was, which is in the list too; it fills the list.
};

/// The verdicts on each node's links at level 0, two bits each. They are in RAM alone: what is not
/// known is found out anew. Those of a node are guarded as its links are.
class LinkVerdicts {
 public:
  explicit LinkVerdicts(std::size_t links_max) : words_((links_max + kEach - 1) / kEach) {}

  void grow(std::size_t nodes) { bits_.resize(nodes * words_); }

  [[nodiscard]] Verdict get(std::uint32_t node, std::size_t place) const {
    return static_cast<Verdict>(word(node, place) >> shift(place) & 3U);
  }
  void set(std::uint32_t node, std::size_t place, Verdict verdict) {
    auto& bits = bits_[std::size_t{node} * words_ + place / kEach];
    bits &= ~(3U << shift(place));
    bits |= static_cast<std::uint32_t>(verdict) << shift(place);
  }
  /// The list has changed otherwise.
  void forget(std::uint32_t node) {
    for (std::size_t i = 0; i < words_; ++i) bits_[std::size_t{node} * words_ + i] = 0;
  }
  [[nodiscard]] std::size_t bytes() const { return bits_.capacity() * sizeof(bits_[0]); }

 private:
  static constexpr std::size_t kEach = 16;  // Verdicts of a word.
  static unsigned shift(std::size_t place) { return static_cast<unsigned>(place % kEach * 2); }
  [[nodiscard]] std::uint32_t word(std::uint32_t node, std::size_t place) const {
    return bits_[std::size_t{node} * words_ + place / kEach];
  }

  std::size_t words_;
  std::vector<std::uint32_t> bits_;
};

}  // namespace tulving::index
