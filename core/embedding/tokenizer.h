#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::embedding {

/// Texts as the ids of pieces: the likeliest way to spell a text by a vocabulary's pieces, whose
/// scores are logarithms (Kudo 2018, "Subword Regularization", section 3; Viterbi's algorithm).
///
/// A text is brought into NFKC, each blank becomes U+2581, and one stands before it. A character
/// that begins no piece is the unknown piece, number 0; several in a row are one.
///
/// Thread safety: const members beside each other.
class Tokenizer {
 public:
  /// A piece's number is its id. The first `reserved` are no text's; of equal ones the last counts.
  /// They are well-formed UTF-8 and not empty, and there are as many scores.
  Tokenizer(std::span<const std::string> pieces, std::span<const double> scores,
            std::size_t reserved);

  /// The first `max` pieces of a text, which is well-formed UTF-8. Of a text above
  /// kBytesRead the rest is not looked at. O(bytes x the longest piece).
  [[nodiscard]] std::vector<std::uint32_t> pieces_of(std::string_view text, std::size_t max) const;

  /// Longer than the 128 pieces that are read ever are, but for texts of thousands of unknown
  /// characters in a row.
  static constexpr std::size_t kBytesRead = std::size_t{32} << 10;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  // The pieces as a tree of characters. A node's children lie one after the other, by character.
  struct Node {
    char32_t character = 0;
    std::uint32_t first_child = 0;
    std::uint32_t children = 0;
    std::uint32_t piece = kNone;
  };

  void build(std::span<const std::uint32_t> order, std::span<const std::u32string> spelled);
  [[nodiscard]] const Node* child(const Node& node, char32_t character) const;
  [[nodiscard]] std::vector<std::uint32_t> best_path(std::u32string_view symbols) const;

  std::vector<Node> nodes_;
  std::vector<double> scores_;
  std::vector<std::uint32_t> lengths_;  // In characters.
};

}  // namespace tulving::embedding
