// A vocabulary and a text. The number of pieces; of each its length, its bytes and its score, a
// signed byte; then the text. Pieces that are known spell the text in its compatible form.

#include <algorithm>

#include "core/base/text/same_text.h"
#include "core/base/text/utf8.h"
#include "core/embedding/tokenizer.h"
#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {

TULVING_FUZZER(pieces) {
  Input parts(input);
  std::vector<std::string> pieces{"?"};
  std::vector<double> scores{0};
  for (auto count = parts.byte() % 32; count > 0; --count) {
    const std::string_view piece = parts.take(parts.byte() % 16);
    const auto score = static_cast<std::int8_t>(parts.byte());
    if (piece.empty() || first_invalid_utf8(piece)) continue;
    pieces.emplace_back(piece);
    scores.push_back(score);
  }
  const std::string_view text = parts.rest();
  if (first_invalid_utf8(text)) return;
  const embedding::Tokenizer tokenizer(pieces, scores, 1);
  const auto ids = tokenizer.pieces_of(text, input.size() * 20 + 20);
  std::string spelled;
  bool all_known = true;
  for (const std::uint32_t id : ids) {
    TULVING_CHECK(id < pieces.size());
    all_known = all_known && id != 0;
    spelled += pieces[id];
  }
  TULVING_CHECK(ids.empty() == text.empty());
  if (all_known && !text.empty() && text.size() <= embedding::Tokenizer::kBytesRead) {
    std::string symbols = "\xE2\x96\x81";
    for (const char c : to_nfkc(text)) {
      symbols += c == ' ' ? std::string("\xE2\x96\x81") : std::string(1, c);
    }
    TULVING_CHECK(spelled == symbols);
  }
  const auto few = tokenizer.pieces_of(text, 3);
  TULVING_CHECK(few.size() <= 3 && std::equal(few.begin(), few.end(), ids.begin()));
}

}  // namespace tulving::fuzz
