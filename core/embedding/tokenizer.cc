#include "core/embedding/tokenizer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/check.h"
#include "core/base/text/code_points.h"
#include "core/base/text/same_text.h"

namespace tulving::embedding {
namespace {

constexpr char32_t kSpace = U'\u2581';
constexpr std::uint32_t kUnknown = 0;

std::u32string characters_of(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  for (std::size_t offset = 0; offset < text.size();) {
    const std::int32_t character = next_code_point(text, offset);
    characters += character < 0 ? U'\uFFFD' : static_cast<char32_t>(character);
  }
  return characters;
}

// No more bytes than `max`, and no character in part.
std::string_view cut(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0U) == 0x80) --max;
  return text.substr(0, max);
}

std::u32string symbols_of(std::string_view text) {
  const std::u32string normal = characters_of(to_nfkc(text));
  if (normal.empty()) return {};
  std::u32string symbols(1, kSpace);
  symbols += normal;
  std::replace(symbols.begin(), symbols.end(), U' ', kSpace);
  return symbols;
}

}  // namespace

Tokenizer::Tokenizer(std::span<const std::string> pieces, std::span<const double> scores,
                     std::size_t reserved)
    : scores_(scores.begin(), scores.end()) {
  TULVING_DCHECK(pieces.size() == scores.size());
  std::vector<std::u32string> spelled;
  spelled.reserve(pieces.size());
  for (const std::string& piece : pieces) {
    spelled.push_back(characters_of(piece));
    lengths_.push_back(static_cast<std::uint32_t>(spelled.back().size()));
  }
  const std::size_t first = std::min(reserved, pieces.size());
  std::vector<std::uint32_t> order(pieces.size() - first);
  std::iota(order.begin(), order.end(), static_cast<std::uint32_t>(first));
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return spelled[a] != spelled[b] ? spelled[a] < spelled[b] : a < b;
  });
  build(order, spelled);
}

// Level by level, so that children lie together. Each node on the way stands for a range of the
// sorted pieces, which share the characters so far.
void Tokenizer::build(std::span<const std::uint32_t> order,
                      std::span<const std::u32string> spelled) {
  struct Range {
    std::size_t first, last;
    std::size_t depth;
  };
  nodes_.emplace_back();
  std::vector<Range> ranges{{0, order.size(), 0}};
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const Range range = ranges[n];
    std::size_t i = range.first;
    // The shortest come first: those that end here. Of equal ones the last counts.
    while (i < range.last && spelled[order[i]].size() == range.depth) nodes_[n].piece = order[i++];
    nodes_[n].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (i < range.last) {
      const char32_t character = spelled[order[i]][range.depth];
      const std::size_t start = i;
      while (i < range.last && spelled[order[i]][range.depth] == character) ++i;
      nodes_.push_back({character, 0, 0, kNone});
      ranges.push_back({start, i, range.depth + 1});
      ++nodes_[n].children;
    }
  }
}

const Tokenizer::Node* Tokenizer::child(const Node& node, char32_t character) const {
  const Node* const first = nodes_.data() + node.first_child;
  const Node* const last = first + node.children;
  const Node* const found =
      std::lower_bound(first, last, character,
                       [](const Node& one, char32_t wanted) { return one.character < wanted; });
  return found != last && found->character == character ? found : nullptr;
}

// `best[end]` is the score of the best spelling of what lies before `end`, `last[end]` its last
// piece. As the model's own tokenizer has it, that with the shortest last piece wins of equal
// scores, and a score of 0 is as good as none.
std::vector<std::uint32_t> Tokenizer::best_path(std::u32string_view symbols) const {
  constexpr double kNoSpelling = -std::numeric_limits<double>::infinity();
  std::vector<double> best(symbols.size() + 1, kNoSpelling);
  std::vector<std::uint32_t> last(symbols.size() + 1, kUnknown);
  best[0] = 0;
  const auto offer = [&](std::size_t end, double score, std::uint32_t piece) {
    if (best[end] != 0 && score < best[end]) return;
    best[end] = score;
    last[end] = piece;
  };
  for (std::size_t start = 0; start < symbols.size(); ++start) {
    if (best[start] == kNoSpelling) continue;
    const Node* node = nodes_.data();
    bool is_known = false;
    for (std::size_t i = start; i < symbols.size(); ++i) {
      node = child(*node, symbols[i]);
      if (node == nullptr) break;
      if (node->piece == kNone) continue;
      is_known = true;
      offer(i + 1, scores_[node->piece] + best[start], node->piece);
    }
    if (!is_known) offer(start + 1, best[start], kUnknown);
  }
  std::vector<std::uint32_t> path;
  for (std::size_t end = symbols.size(); end > 0;) {
    const std::uint32_t piece = last[end];
    if (piece != kUnknown || path.empty() || path.back() != kUnknown) path.push_back(piece);
    const std::size_t length = piece == kUnknown ? 1 : lengths_[piece];
    TULVING_DCHECK(length > 0 && length <= end);
    end -= length;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<std::uint32_t> Tokenizer::pieces_of(std::string_view text, std::size_t max) const {
  std::vector<std::uint32_t> pieces = best_path(symbols_of(cut(text, kBytesRead)));
  if (pieces.size() > max) pieces.resize(max);
  return pieces;
}

}  // namespace tulving::embedding
