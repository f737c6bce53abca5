#include "core/merging/text/lost_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <unordered_set>

#include "core/base/text/same_text.h"
#include "core/model/text/marked_words.h"

namespace tulving::merging {
namespace {

using model::MarkedRun;

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words.begin(), words.end(), " "));
}

class Written {
 public:
  explicit Written(std::string_view text)
      : form_(same_text_form(text)), marked_(model::read_marked(to_nfc(text))) {
    for (const MarkedRun& run : marked_.runs) {
      runs_.insert(joined(run.words));
      if (run.opens_sentence) runs_.insert(joined(std::span(run.words).subspan(1)));
    }
  }

  [[nodiscard]] bool has(const MarkedRun& run) const {
    if (runs_.contains(joined(run.words))) return true;
    if (!run.opens_sentence) return false;
    const auto rest = std::span(run.words).subspan(1);
    return has_word(run.words.front()) && (rest.empty() || runs_.contains(joined(rest)));
  }
  [[nodiscard]] bool has_quote(std::string_view quote) const {
    return form_.find(same_text_form(quote)) != std::string::npos;
  }

 private:
  [[nodiscard]] bool has_word(const std::string& word) const {
    return marked_.words.contains(word) || marked_.words.contains(model::with_small_letter(word));
  }

  std::string form_;
  model::MarkedText marked_;
  std::unordered_set<std::string> runs_;
};

}  // namespace

LostWords lost_words(std::string_view written, std::span<const Memory> sources) {
  const Written text(written);
  LostWords lost;
  for (const Memory& source : sources) {
    // Line by line as it stands: a line's end may be the only stop there is.
    const model::MarkedText marked = model::read_marked(to_nfc(source.text));
    const std::size_t before = lost.count;
    for (const MarkedRun& run : marked.runs) lost.count += text.has(run) ? 0 : 1;
    for (const std::string& quote : marked.quotes) lost.count += text.has_quote(quote) ? 0 : 1;
    if (before == 0 && lost.count > 0) lost.first_of = source.id;
  }
  return lost;
}

}  // namespace tulving::merging
