#include "index/text/document_terms.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/check.h"
#include "index/text/analysis/accent_folding.h"
#include "index/text/analysis/analyzer.h"

namespace tulving::index {
namespace {

/// Whether a document has the form: a stop word that opens a sentence is one, unless it is a name.
bool is_of_document(const WordForm& form, std::string_view text) {
  return form.form != FormKind::kOpening || is_given_name(text);
}

Vocabulary::Mark mark_of(const WordForm& form) {
  const bool is_name = form.form == FormKind::kName || form.form == FormKind::kOpening;
  return is_name ? Vocabulary::Mark::kName : Vocabulary::Mark::kForm;
}

}  // namespace

void DocumentTerms::read(std::string_view text, std::span<const std::string_view> beside,
                         Vocabulary& vocabulary) {
  placed_.clear();
  length_ = 0;
  read_text(text, vocabulary);
  for (const std::string_view words : beside) read_beside(words, vocabulary);
  count();
}

void DocumentTerms::place(std::uint32_t term, std::uint32_t position) {
  if (term != Vocabulary::kStopWord) placed_.push_back(std::uint64_t{term} << 32 | position);
}

void DocumentTerms::read_text(std::string_view text, Vocabulary& vocabulary) {
  Analyzer& analyzer = Analyzer::of_this_thread();
  const auto words = analyzer.split(text);
  const WordForms& forms = analyzer.forms();
  auto form = forms.all().begin();
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    const std::uint32_t position = length_;
    const std::uint32_t term = vocabulary.intern(analyzer, words[i]);
    place(term, position);
    if (term != Vocabulary::kStopWord && words[i].kind != WordKind::kCharacter) ++length_;
    for (; form != forms.all().end() && form->word == i; ++form) {
      const std::string_view string = forms.text(*form);
      if (!is_of_document(*form, string)) continue;
      place(vocabulary.intern_form(analyzer, string, form->kind, mark_of(*form)), position);
    }
  }
}

// Every word counts as a form of itself: what stands beside a text counts for less than the text.
void DocumentTerms::read_beside(std::string_view words, Vocabulary& vocabulary) {
  Analyzer& analyzer = Analyzer::of_this_thread();
  const auto intern = [&](std::string_view form, WordKind kind) {
    place(vocabulary.intern_form(analyzer, form, kind, Vocabulary::Mark::kForm), kBesideText);
  };
  std::string bare;
  for (const Word& word : analyzer.split(words)) {
    const std::string_view folded = analyzer.folded(word);
    if (word.kind == WordKind::kNumber) {
      intern(fold_number(folded), word.kind);
    } else {
      intern(fold_accents(folded, bare) ? std::string_view(bare) : folded, word.kind);
    }
  }
  const WordForms& forms = analyzer.forms();
  for (const WordForm& form : forms.all()) {
    if (form.form != FormKind::kFolded && form.form != FormKind::kOpening) {
      place(vocabulary.intern_form(analyzer, forms.text(form), form.kind, mark_of(form)),
            kBesideText);
    }
  }
}

// By the bytes of the term, from the last: positions are ascending, and what is equal keeps its
// order. A third of what comparing costs with the some hundred words of a memory.
void DocumentTerms::sort_by_term() {
  constexpr std::size_t kFew = 24, kMany = 4096;
  if (placed_.size() < kFew || placed_.size() > kMany) {
    std::sort(placed_.begin(), placed_.end());
    return;
  }
  std::uint64_t all = 0;
  for (const std::uint64_t placed : placed_) all |= placed >> 32;
  sorting_.resize(placed_.size());
  for (unsigned shift = 32; all != 0; shift += 8, all >>= 8) {
    std::array<std::uint16_t, 256> starts{};
    for (const std::uint64_t placed : placed_) ++starts[placed >> shift & 0xFF];
    std::uint16_t start = 0;
    for (std::uint16_t& count : starts)
      start = static_cast<std::uint16_t>(start + std::exchange(count, start));
    for (const std::uint64_t placed : placed_) sorting_[starts[placed >> shift & 0xFF]++] = placed;
    placed_.swap(sorting_);
  }
}

void DocumentTerms::count() {
  sort_by_term();
  TULVING_DCHECK(std::ranges::is_sorted(placed_));
  counts_.clear();
  for (const std::uint64_t placed : placed_) {
    const auto term = static_cast<std::uint32_t>(placed >> 32);
    const auto position = static_cast<std::uint32_t>(placed);
    const std::uint32_t block = position == kBesideText ? kBeside : block_of(position, length_);
    if (counts_.empty() || counts_.back().term != term || counts_.back().block != block) {
      counts_.push_back({term, block, 0});
    }
    if (counts_.back().times < kTimesMax) ++counts_.back().times;
  }
}

}  // namespace tulving::index
