#include "index/text/query_terms.h"

#include <algorithm>
#include <string>

#include "core/base/hash.h"
#include "index/text/analysis/accent_folding.h"
#include "index/text/analysis/analyzer.h"

namespace tulving::index {
namespace {

constexpr std::uint32_t kUnknown = Vocabulary::kUnknown;

/// A word or a form that is asked for, and the terms it is found by.
struct Asked {
  std::uint64_t key = 0;  // equal for what is the same
  std::uint32_t first = 0, times = 1;
  bool is_word = true;              // not a form of one
  std::uint32_t exact = kUnknown;   // the word as it stands, or a name
  std::uint32_t form = kUnknown;    // its folded form, among forms
  std::uint32_t folded = kUnknown;  // its folded form, among words
};

/// Adds up equal ones, and puts them in the order in which they first occur. Sorts, as a query may
/// be as long as a text.
void add_up(std::vector<Asked>& asked) {
  std::stable_sort(asked.begin(), asked.end(),
                   [](const Asked& a, const Asked& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (const Asked& one : asked) {
    if (kept > 0 && asked[kept - 1].key == one.key) {
      ++asked[kept - 1].times;
    } else {
      asked[kept++] = one;
    }
  }
  asked.resize(kept);
  std::sort(asked.begin(), asked.end(),
            [](const Asked& a, const Asked& b) { return a.first < b.first; });
}

class Reader {
 public:
  Reader(const Vocabulary& vocabulary, std::string_view text)
      : vocabulary_(vocabulary), analyzer_(Analyzer::of_this_thread()), text_(text) {}

  std::vector<Asked> read() {
    const auto words = analyzer_.split(text_);
    const WordForms& forms = analyzer_.forms();
    auto form = forms.all().begin();
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      if (words[i].kind != WordKind::kCharacter) add_word(words[i]);
      for (; form != forms.all().end() && form->word == i; ++form) add_form(forms, *form);
    }
    if (asked_.empty()) {
      for (const WordForm& opening : forms.all()) add_opening(forms, opening);
    }
    add_up(asked_);
    return std::move(asked_);
  }

 private:
  // Keys: the id of a known term, else a hash with a bit above all ids.
  static std::uint64_t key_of(std::string_view term, unsigned bit) {
    return xxh3(term) >> 3 | std::uint64_t{1} << bit;
  }
  void add(Asked asked) {
    asked.first = static_cast<std::uint32_t>(asked_.size());
    asked_.push_back(asked);
  }

  void add_word(const Word& word) {
    Asked asked;
    std::string_view unknown;
    asked.exact = vocabulary_.find(analyzer_, word, &unknown);
    if (asked.exact == Vocabulary::kStopWord) return;
    asked.key = asked.exact == kUnknown ? key_of(unknown, 63) : asked.exact;
    std::string bare;
    const std::string_view folded = analyzer_.folded(word);
    bool differs = false;
    if (word.kind == WordKind::kNumber) {
      bare = fold_number(folded);
      differs = bare != folded;
    } else {
      differs = fold_accents(folded, bare);
    }
    if (differs) {
      asked.form = vocabulary_.find_form(analyzer_, bare, word.kind, Vocabulary::Mark::kForm);
      asked.folded = vocabulary_.find_term(analyzer_.term_of(bare, word.kind));
    } else {
      asked.form =
          vocabulary_.find_marked(asked.exact == kUnknown ? unknown : vocabulary_.view(asked.exact),
                                  Vocabulary::Mark::kForm);
    }
    add(asked);
  }

  void add_form(const WordForms& forms, const WordForm& form) {
    const std::string_view text = forms.text(form);
    if (form.form == FormKind::kName) add_name(text);
    if (form.form != FormKind::kPart && form.form != FormKind::kJoined) return;
    const std::string term(analyzer_.term_of(text, form.kind));
    if (term.empty()) return;
    Asked asked;
    asked.is_word = false;
    asked.key = key_of(term, 62);
    asked.folded = vocabulary_.find_term(term);
    asked.form = vocabulary_.find_form(analyzer_, text, form.kind, Vocabulary::Mark::kForm);
    add(asked);
  }

  // "Will" is a name where some text has it as one; "What is it?" holds none.
  void add_opening(const WordForms& forms, const WordForm& form) {
    if (form.form != FormKind::kOpening) return;
    add_name(forms.text(form));
    if (asked_.back().exact == kUnknown) asked_.pop_back();
  }

  void add_name(std::string_view name) {
    Asked asked;
    asked.key = key_of(name, 61);
    asked.exact =
        vocabulary_.find_form(analyzer_, name, WordKind::kNumber, Vocabulary::Mark::kName);
    add(asked);
  }

  const Vocabulary& vocabulary_;
  Analyzer& analyzer_;
  std::string_view text_;
  std::vector<Asked> asked_;
};

}  // namespace

QueryTerms query_terms(const Vocabulary& vocabulary, const InvertedIndex& index,
                       std::string_view text) {
  QueryTerms terms;
  for (const Asked& asked : Reader(vocabulary, text).read()) {
    const auto times = static_cast<float>(asked.times);
    const auto rows_of = [&index](std::uint32_t term) {
      return term < Vocabulary::kStopWord
                 ? static_cast<std::uint32_t>(index.postings(term).documents())
                 : 0;
    };
    const std::uint32_t rows = rows_of(asked.exact);
    const auto take = [&](std::uint32_t term, float weight) {
      // A form that is rarer than its word must not count for more.
      const std::uint32_t documents = std::max(rows, rows_of(term));
      if (rows_of(term) > 0) terms.known.push_back({term, times * weight, documents});
    };
    take(asked.exact, 1.0F);
    take(asked.form, kFormWeight);
    take(asked.folded, kFormWeight);
    if (asked.is_word) ++terms.distinct;
  }
  return terms;
}

}  // namespace tulving::index
